import { type Aggregate, type AsOfJoin, columnsIn, type Expression, type Join, type Project, type Schema } from "@mlforge/spec";
import type { AnySource } from "./source.js";
import { isAtLeast } from "./time-bound.js";

/**
 * Tracks the times of the rows of one source through a relation.
 *
 * The law: take one of the `columns` of each moment of a relation. The rows in which all of them are at most T are the same, whatever rows later than T
 * are added to the sources.
 */
export interface Moment {
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
  readonly kind: "join" | "groupBy" | "rolling" | "asOfJoin" | "derive" | "select";
  /** The step as users wrote it: `join with "plans" on user`. */
  readonly text: string;
}

/** Returns the moments of the rows of a source. Empty if the source is static. */
export function momentsOfSource({ name, timestamp, static: isStatic }: AnySource, schema: Schema): readonly Moment[] {
  if (isStatic) return [];
  const columns = new Set(timestamp === undefined ? schema.map((column) => column.name) : [timestamp]);
  return [{ source: name, isDeclared: timestamp !== undefined, columns, via: undefined, lostBy: undefined }];
}

/** Returns the moments of rows that are each computed from one row. */
export function momentsOfProject(moments: readonly Moment[], columns: Project["columns"], schema: Schema, step: Step): readonly Moment[] {
  return moments.map((moment) => {
    const isKept = (value: Expression): boolean =>
      moment.isDeclared ? isAtLeast(value, moment.columns, schema) : columnsIn(value).some((name) => moment.columns.has(name));
    return withColumns(
      moment,
      columns.filter(({ value }) => isKept(value)).map(({ name }) => name),
      step,
    );
  });
}

/** Returns the moments of groups. A group mixes rows of different times unless a time is one of its keys. */
export function momentsOfGroups(moments: readonly Moment[], keys: Aggregate["keys"], step: Step): readonly Moment[] {
  return moments.map((moment) =>
    withColumns(
      moment,
      keys.filter((key) => moment.columns.has(key)),
      step,
    ),
  );
}

/** Returns the moments of joined rows. An equal column of the left side replaces one of the right side. */
export function momentsOfJoin(left: readonly Moment[], right: readonly Moment[], on: Join["on"], step: Step): readonly Moment[] {
  const joined = new Set(on.map((pair) => pair.right));
  const added = right.map((moment) => {
    const equal = on.filter((pair) => moment.columns.has(pair.right)).map((pair) => pair.left);
    const own = [...moment.columns].filter((name) => !joined.has(name));
    return withColumns({ ...moment, via: moment.via ?? step }, [...own, ...equal], step);
  });
  return [...left, ...added];
}

/** Returns the moments of an as-of join. A row gets nothing from the right side that is later than its own time. */
export function momentsOfAsOfJoin(
  left: readonly Moment[],
  right: readonly Moment[],
  timestamps: AsOfJoin["timestamps"],
  step: Step,
): readonly Moment[] {
  const added = right.map((moment) =>
    withColumns({ ...moment, via: moment.via ?? step }, moment.columns.has(timestamps.right) ? [timestamps.left] : [], step),
  );
  return [...left, ...added];
}

function withColumns(moment: Moment, columns: readonly string[], step: Step): Moment {
  return { ...moment, columns: new Set(columns), lostBy: columns.length === 0 ? (moment.lostBy ?? step) : moment.lostBy };
}
