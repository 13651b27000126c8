import { type Description, isMlforgeError, MlforgeError } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import type { AnySource } from "../define/source.js";
import { type ResolvedFeature, resolveFeature } from "./resolve-feature.js";

/** A column of a source's files that no column kind can hold, and that was therefore not read. */
export interface OmittedColumn {
  readonly source: string;
  readonly column: string;
  /** The name that the engine or the format has for its type. */
  readonly type: string;
}

export function omittedColumns(described: ReadonlyMap<AnySource, Description>): readonly OmittedColumn[] {
  return [...described].flatMap(([source, { unsupported }]) =>
    unsupported.map(({ name, type }) => ({ source: source.name, column: name, type })),
  );
}

/** An omitted column in a sentence, with what to do. */
export function explainOmitted({ source, column, type }: OmittedColumn): string {
  return `column "${column}" of source "${source}" is ${type}, which no column kind can hold; it was not read. ${advice(type)}`;
}

/**
 * Refuses a feature whose transform keeps all columns of a source if one of them cannot be held, since it would be left out.
 *
 * @throws SCHEMA_MISMATCH with all of them
 */
export function expectHeld(feature: AnyFeature, resolved: ResolvedFeature, described: ReadonlyMap<AnySource, Description>): void {
  const omitted = omittedColumns(described);
  if (omitted.length === 0 || resolved.computation.kind !== "plan") return;
  const kept = outputsWith(feature, described);
  const lost = omitted.filter(({ column }) => kept.has(column));
  if (lost.length === 0) return;
  const problems = lost.map(
    ({ source, column, type }) => `column "${column}" of source "${source}" is ${type}, which no column kind can hold. ${advice(type)}`,
  );
  const where = `feature "${feature.name}"`;
  const message = `${where} keeps every column of its rows, and some cannot be held: ${problems.join("; ")}; declare the columns of the source, or select those to keep`;
  throw new MlforgeError("SCHEMA_MISMATCH", message, { where, problems });
}

/** The columns of a feature as they would be if every column of its sources could be held. */
function outputsWith(feature: AnyFeature, described: ReadonlyMap<AnySource, Description>): ReadonlySet<string> {
  try {
    const { schema } = resolveFeature(feature, (source) => {
      const { columns = [], unsupported = [] } = described.get(source) ?? {};
      return [...columns, ...unsupported.map(({ name }) => ({ name, kind: "bytes", nullable: true }) as const)];
    });
    return new Set(schema.map(({ name }) => name));
  } catch (error) {
    // It uses one of them, of which the feature itself has told already that it is not there.
    if (isMlforgeError(error)) return new Set();
    throw error;
  }
}

function advice(type: string): string {
  if (/^INTERVAL/i.test(type))
    return "A month has no fixed length, so an interval is no number of microseconds: write it as an integer of days or seconds";
  if (/time with time zone|TIMETZ/i.test(type))
    return "A time of day with a zone has no date to tell its offset: write it as a timestamp, or as a time in UTC";
  if (/^UNION|^DenseUnion|^SparseUnion/i.test(type))
    return "Its values are of several types: write them as JSON, or a column for each type";
  return "Write it as another type";
}
