import { type Description, isMlforgeError, MlforgeError } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import type { AnySource } from "../define/source.js";
import { type ResolvedFeature, resolveFeature } from "./resolve-feature.js";

/** A source column that is not read because no column type can hold it. */
export interface OmittedColumn {
  readonly source: string;
  readonly column: string;
  /** The type, by the name that the engine or the format uses. */
  readonly type: string;
}

export function omittedColumns(described: ReadonlyMap<AnySource, Description>): readonly OmittedColumn[] {
  return [...described].flatMap(([source, { unsupported }]) =>
    unsupported.map(({ name, type }) => ({ source: source.name, column: name, type })),
  );
}

/** Describes an omitted column, and what to do about it. */
export function explainOmitted({ source, column, type }: OmittedColumn): string {
  return `column "${column}" of source "${source}" was not read: no column type can hold ${type}. ${advice(type)}`;
}

/**
 * Refuses a feature that keeps all columns of a source if no column type can hold one of them, since that column would be lost.
 *
 * @throws SCHEMA_MISMATCH, which lists all of them
 */
export function expectHeld(feature: AnyFeature, resolved: ResolvedFeature, described: ReadonlyMap<AnySource, Description>): void {
  const omitted = omittedColumns(described);
  if (omitted.length === 0 || resolved.computation.kind !== "plan") return;
  const kept = outputsWith(feature, described);
  const lost = omitted.filter(({ column }) => kept.has(column));
  if (lost.length === 0) return;
  const problems = lost.map(
    ({ source, column, type }) => `column "${column}" of source "${source}" is ${type}, which no column type can hold. ${advice(type)}`,
  );
  const where = `feature "${feature.name}"`;
  const message = `${where} keeps every column of its rows, but some cannot be stored: ${problems.join("; ")}; declare the columns of the source, or select those to keep`;
  throw new MlforgeError("SCHEMA_MISMATCH", message, { where, problems });
}

/** Returns the columns that a feature would have if every column of its sources could be read. */
function outputsWith(feature: AnyFeature, described: ReadonlyMap<AnySource, Description>): ReadonlySet<string> {
  try {
    const { schema } = resolveFeature(feature, (source) => {
      const { columns = source.upstream?.columns ?? [], unsupported = [] } = described.get(source) ?? {};
      return [...columns, ...unsupported.map(({ name }) => ({ name, kind: "bytes", nullable: true }) as const)];
    });
    return new Set(schema.map(({ name }) => name));
  } catch (error) {
    // It uses one of these columns. Resolving the feature itself has already reported that the column is unknown.
    if (isMlforgeError(error)) return new Set();
    throw error;
  }
}

function advice(type: string): string {
  if (/^INTERVAL/i.test(type))
    return "A month has no fixed length, so an interval has no exact number of microseconds. Store it as an integer number of days or seconds";
  if (/time with time zone|TIMETZ/i.test(type))
    return "A time of day with a zone has no date, so its offset is unknown. Store it as a timestamp, or as a time in UTC";
  if (/^UNION|^DenseUnion|^SparseUnion/i.test(type))
    return "Its values have several types. Store them as JSON, or use one column for each type";
  return "Store it as another type";
}
