import { type Aggregate, type AsOfJoin, columnsIn, type Expression, type Join, type Project, type Schema } from "@mlforge/spec";
import type { AnySource } from "./source.js";
import { isAtLeast } from "./time-bound.js";

/**
 * Tracks the times of the rows of one source through a relation.
 *
 * The law: take one of the `columns` of each source time of a relation. The rows in which all of them are at most T are the same, whatever rows later than T
 * are added to the sources.
 */
export interface SourceTime {
  readonly source: string;
  /** False if the source declares no timestamp. Any of its columns may then be what the feature declares as its timestamp. */
  readonly isDeclared: boolean;
  /** The columns that are at least as late as every row of the source that their row was made of. */
  readonly columns: ReadonlySet<string>;
  /** The step that added the rows to the relation. Undefined for the initial rows. */
  readonly via: Step | undefined;
  /** The first step after which no column was left. */
  readonly lostBy: Step | undefined;
}

/** A step of a relation, for messages. */
export interface Step {
  readonly kind: "join" | "groupBy" | "rolling" | "sequence" | "sessions" | "asOfJoin" | "derive" | "select";
  /** The step as users wrote it: `join with "plans" on user`. */
  readonly text: string;
}

/** Returns the times of the rows of a source. Empty if the source is static. */
export function sourceTimesOfSource({ name, timestamp, static: isStatic }: AnySource, schema: Schema): readonly SourceTime[] {
  if (isStatic) return [];
  const columns = new Set(timestamp === undefined ? schema.map((column) => column.name) : [timestamp]);
  return [{ source: name, isDeclared: timestamp !== undefined, columns, via: undefined, lostBy: undefined }];
}

/** Returns the times of rows that are each computed from one row. */
export function sourceTimesOfProject(
  sourceTimes: readonly SourceTime[],
  columns: Project["columns"],
  schema: Schema,
  step: Step,
): readonly SourceTime[] {
  return sourceTimes.map((sourceTime) => {
    const isKept = (value: Expression): boolean =>
      sourceTime.isDeclared ? isAtLeast(value, sourceTime.columns, schema) : columnsIn(value).some((name) => sourceTime.columns.has(name));
    return withColumns(
      sourceTime,
      columns.filter(({ value }) => isKept(value)).map(({ name }) => name),
      step,
    );
  });
}

/** Returns the times of groups. A group mixes rows of different times unless a time is one of its keys. */
export function sourceTimesOfGroups(sourceTimes: readonly SourceTime[], keys: Aggregate["keys"], step: Step): readonly SourceTime[] {
  return sourceTimes.map((sourceTime) =>
    withColumns(
      sourceTime,
      keys.filter((key) => sourceTime.columns.has(key)),
      step,
    ),
  );
}

/** Returns the times of joined rows. An equal column of the left side replaces one of the right side. */
export function sourceTimesOfJoin(
  left: readonly SourceTime[],
  right: readonly SourceTime[],
  on: Join["on"],
  step: Step,
): readonly SourceTime[] {
  const joined = new Set(on.map((pair) => pair.right));
  const added = right.map((sourceTime) => {
    const equal = on.filter((pair) => sourceTime.columns.has(pair.right)).map((pair) => pair.left);
    const own = [...sourceTime.columns].filter((name) => !joined.has(name));
    return withColumns({ ...sourceTime, via: sourceTime.via ?? step }, [...own, ...equal], step);
  });
  return [...left, ...added];
}

/** Returns the times of an as-of join. A row gets nothing from the right side that is later than its own time. */
export function sourceTimesOfAsOfJoin(
  left: readonly SourceTime[],
  right: readonly SourceTime[],
  timestamps: AsOfJoin["timestamps"],
  step: Step,
): readonly SourceTime[] {
  const added = right.map((sourceTime) =>
    withColumns({ ...sourceTime, via: sourceTime.via ?? step }, sourceTime.columns.has(timestamps.right) ? [timestamps.left] : [], step),
  );
  return [...left, ...added];
}

function withColumns(sourceTime: SourceTime, columns: readonly string[], step: Step): SourceTime {
  return { ...sourceTime, columns: new Set(columns), lostBy: columns.length === 0 ? (sourceTime.lostBy ?? step) : sourceTime.lostBy };
}
