import { type ColumnKind, MlforgeError, type NamedColumn, type Schema } from "@mlforge/spec";
import type { RowValue } from "../read/rows.js";
import { isWithinYears } from "./moment-range.js";

/** One label as an object. */
export type LabelRow = Readonly<Record<string, RowValue | undefined>>;

/** The values of one label, in the order of the columns. */
export type LabelValues = readonly RowValue[];

export function isLabelRows(labels: unknown): labels is readonly LabelRow[] {
  return Array.isArray(labels) && labels.every((row) => typeof row === "object" && row !== null && !(row instanceof URL));
}

/**
 * The columns of objects, by their values: numbers are int64 where all are whole and safe, else float64; Dates are timestamps.
 *
 * A column that holds two kinds or something else is added to `problems`.
 *
 * @param hints the columns where there are no rows, and the kind where a column holds nothing but null.
 */
export function inferSchema(rows: readonly LabelRow[], hints: Schema, problems: string[]): Schema {
  if (rows.length === 0) return hints.map((column) => ({ ...column, nullable: true }));
  const kinds = new Map<string, ColumnKind | undefined>();
  const wrong = new Map<string, string>();
  const large = new Map<string, bigint>();
  for (const [index, row] of rows.entries()) {
    for (const [name, value] of Object.entries(row)) {
      const before = kinds.get(name);
      const kind = value === null || value === undefined ? before : kindOf(value);
      const both = before === undefined || kind === undefined ? (before ?? kind) : commonKind(before, kind);
      if (kind === undefined && value !== null && value !== undefined)
        wrong.set(name, `column "${name}" of row ${index} holds ${describe(value)}`);
      else if (both === undefined && before !== undefined) wrong.set(name, `column "${name}" is ${before}, and ${kind} in row ${index}`);
      if (typeof value === "bigint" && BigInt(Number(value)) !== value) large.set(name, value);
      kinds.set(name, both ?? before);
    }
  }
  for (const [name, value] of large) {
    if (kinds.get(name) === "float64") wrong.set(name, `column "${name}" is float64, which cannot hold ${value} exactly`);
  }
  problems.push(...wrong.values());
  return [...kinds].map(([name, kind]): NamedColumn => {
    const hint = hints.find((column) => column.name === name);
    return kind === undefined && hint !== undefined ? { ...hint, nullable: true } : { name, kind: kind ?? "string", nullable: true };
  });
}

/** The values of each row in the order of the columns. */
export function* rowValues(rows: readonly LabelRow[], schema: Schema): Generator<LabelValues> {
  for (const row of rows) yield schema.map(({ name }) => (Object.hasOwn(row, name) ? row[name] : undefined) ?? null);
}

export function labelsInvalid(problems: readonly string[]): MlforgeError<"LABELS_INVALID"> {
  return new MlforgeError("LABELS_INVALID", `the training set cannot be made: ${problems.join("; ")}`, { problems });
}

const loneSurrogate = /\p{Surrogate}/u;

function kindOf(value: RowValue): ColumnKind | undefined {
  switch (typeof value) {
    case "string":
      return loneSurrogate.test(value) ? undefined : "string";
    case "boolean":
      return "boolean";
    case "bigint":
      return BigInt.asIntN(64, value) === value ? "int64" : undefined;
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? "int64" : "float64";
    default:
      if (value instanceof Date) return isWithinYears(value.getTime()) ? "timestamp" : undefined;
      return value instanceof Uint8Array ? "bytes" : undefined;
  }
}

function commonKind(a: ColumnKind, b: ColumnKind): ColumnKind | undefined {
  if (a === b) return a;
  return [a, b].every((kind) => kind === "int64" || kind === "float64") ? "float64" : undefined;
}

function describe(value: RowValue): string {
  if (typeof value === "bigint") return `${value}, which is beyond int64`;
  if (typeof value === "string") return "text that is not well-formed Unicode";
  if (!(value instanceof Date)) return `a value of type ${typeof value}, which no column can hold`;
  return Number.isNaN(value.getTime()) ? "an invalid Date" : "a Date outside of the years 1 to 9999";
}
