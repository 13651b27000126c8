import { type Kind, MlforgeError, type NamedColumn, type Schema, typeText } from "@mlforge/spec";
import type { RowValue } from "../read/rows.js";
import { isWithinYears } from "./timestamp-range.js";

/** One label as an object. */
export type LabelRow = Readonly<Record<string, RowValue | undefined>>;

/** Consecutive labels, which can be read column by column. */
export interface LabelPart {
  readonly rows: number;
  /** One function for each column, in order. Returns the value in a row, counted from 0. */
  readonly columns: readonly ((row: number) => RowValue)[];
}

export function isLabelRows(labels: unknown): labels is readonly LabelRow[] {
  return Array.isArray(labels) && labels.every((row) => typeof row === "object" && row !== null && !(row instanceof URL));
}

/**
 * Infers the columns of objects from their values. Numbers are int64 if all of them are safe integers, otherwise float64. Dates are timestamps.
 * Arrays are lists, a Float32Array or Float64Array is a vector of its length, and other objects are structs with the fields of all of them.
 *
 * Adds a column with values of two kinds, or with unsupported values, to `problems`.
 *
 * @param hints the columns if there are no rows, and the kind of a column that has only nulls
 */
export function inferSchema(rows: readonly LabelRow[], hints: Schema, problems: string[]): Schema {
  if (rows.length === 0) return hints.map((column) => ({ ...column, nullable: true }));
  const kinds = new Map<string, Found>();
  const wrong = new Map<string, string>();
  const large = new Map<string, bigint>();
  for (const [index, row] of rows.entries()) {
    for (const name of Object.keys(row)) {
      const value = row[name];
      const before = kinds.get(name) ?? nothing;
      if (isPlain(value, before.kind)) continue;
      const found = kindOf(value);
      const both = typeof found === "string" ? found : commonKind(before, found);
      if (typeof found === "string") wrong.set(name, `column "${name}" of row ${index} has ${found}`);
      else if (both === undefined) wrong.set(name, `column "${name}" is ${textOf(before)}, but ${textOf(found)} in row ${index}`);
      for (const each of integersIn(value)) if (BigInt(Number(each)) !== each) large.set(name, each);
      kinds.set(name, typeof both === "object" ? both : before);
    }
  }
  for (const [name, value] of large) {
    if (textOf(kinds.get(name) ?? nothing).includes("float64"))
      wrong.set(name, `column "${name}" is float64, which cannot represent ${value} exactly`);
  }
  problems.push(...wrong.values());
  return [...kinds].map(([name, found]): NamedColumn => {
    const hint = hints.find((column) => column.name === name);
    if (found.kind === undefined && hint !== undefined) return { ...hint, nullable: true };
    return { name, nullable: true, ...settled(found) };
  });
}

/** Returns labels that are read in the order of the schema. A missing value is null. */
export function labelsOfRows(rows: readonly LabelRow[], schema: Schema): LabelPart {
  const columns = schema.map(({ name }) => (index: number): RowValue => {
    const row = rows[index];
    return (row !== undefined && Object.hasOwn(row, name) ? row[name] : undefined) ?? null;
  });
  return { rows: rows.length, columns };
}

export function labelsInvalid(problems: readonly string[]): MlforgeError<"LABELS_INVALID"> {
  return new MlforgeError("LABELS_INVALID", `the training set cannot be created: ${problems.join("; ")}`, { problems });
}

const loneSurrogate = /\p{Surrogate}/u;

/** The kind of the values of a column so far. `kind` is undefined if all of them were null so far. */
interface Found {
  readonly kind: Kind["kind"] | undefined;
  readonly length?: number | undefined;
  readonly element?: "float32" | "float64" | undefined;
  readonly of?: Found | undefined;
  readonly fields?: ReadonlyMap<string, Found> | undefined;
}

const nothing: Found = { kind: undefined };

/** Returns true for a value that a column of this kind obviously holds, as nearly all values are: it needs no closer look. */
function isPlain(value: RowValue | undefined, kind: Found["kind"]): boolean {
  switch (typeof value) {
    case "string":
      return kind === "string" && !loneSurrogate.test(value);
    case "number":
      return kind === "int64" && Number.isSafeInteger(value) && !Object.is(value, -0);
    case "boolean":
      return kind === "boolean";
    default:
      return kind === "timestamp" && value instanceof Date && isWithinYears(value.getTime());
  }
}

/** Returns the kind of a value, or its problem. */
function kindOf(value: RowValue | undefined): Found | string {
  switch (typeof value) {
    case "undefined":
      return nothing;
    case "string":
      return loneSurrogate.test(value) ? "text that is not well-formed Unicode" : { kind: "string" };
    case "boolean":
      return { kind: "boolean" };
    case "bigint":
      return BigInt.asIntN(64, value) === value ? { kind: "int64" } : `${value}, which does not fit in int64`;
    case "number":
      return { kind: Number.isSafeInteger(value) && !Object.is(value, -0) ? "int64" : "float64" };
    case "object":
      return value === null ? nothing : kindOfObject(value);
    default:
      return `a value of type ${typeof value}, which no column can hold`;
  }
}

function kindOfObject(value: object): Found | string {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) return "an invalid Date";
    return isWithinYears(value.getTime()) ? { kind: "timestamp" } : "a Date outside the years 1 to 9999";
  }
  if (value instanceof Uint8Array) return { kind: "bytes" };
  if (value instanceof Float32Array || value instanceof Float64Array) return vectorKind(value);
  if (Array.isArray(value)) return listKind(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `a ${value.constructor.name}, which no column can hold`;
  return structKind(Object.entries(value));
}

function vectorKind({ length, BYTES_PER_ELEMENT: bytes }: Float32Array | Float64Array): Found | string {
  return length === 0 ? "an empty vector" : { kind: "vector", length, element: bytes === 4 ? "float32" : "float64" };
}

function listKind(values: readonly RowValue[]): Found | string {
  let of = nothing;
  for (const value of values) {
    const found = kindOf(value);
    if (typeof found === "string") return `a list of ${found}`;
    const both = commonKind(of, found);
    if (both === undefined) return `a list of ${textOf(of)} and ${textOf(found)}`;
    of = both;
  }
  return { kind: "list", of };
}

function structKind(members: readonly (readonly [string, RowValue | undefined])[]): Found | string {
  if (members.length === 0) return "an object without members";
  const fields = new Map<string, Found>();
  for (const [name, value] of members) {
    const found = kindOf(value);
    if (typeof found === "string") return `an object whose "${name}" is ${found}`;
    fields.set(name, found);
  }
  return { kind: "struct", fields };
}

/** Returns the kind that can hold the values of both. Undefined if there is none. */
function commonKind(a: Found, b: Found): Found | undefined {
  if (a.kind === undefined) return b;
  if (b.kind === undefined) return a;
  if (a.kind !== b.kind) return [a, b].every(({ kind }) => kind === "int64" || kind === "float64") ? { kind: "float64" } : undefined;
  if (a.kind === "vector") return a.length === b.length && a.element === b.element ? a : undefined;
  if (a.of !== undefined && b.of !== undefined) {
    const of = commonKind(a.of, b.of);
    return of && { kind: "list", of };
  }
  if (a.fields === undefined || b.fields === undefined) return a;
  const fields = new Map(a.fields);
  for (const [name, found] of b.fields) {
    const both = commonKind(fields.get(name) ?? nothing, found);
    if (both === undefined) return undefined;
    fields.set(name, both);
  }
  return { kind: "struct", fields };
}

/** Converts the findings to a column type. Defaults to string. */
function settled({ kind = "string", length, element, of = nothing, fields = new Map() }: Found): Kind {
  switch (kind) {
    case "list":
      return { kind, of: { nullable: true, ...settled(of) } };
    case "vector":
      return { kind, length, element };
    case "struct":
      return { kind, fields: [...fields].map(([name, found]) => ({ name, nullable: true, ...settled(found) })) };
    default:
      return { kind };
  }
}

function textOf(found: Found): string {
  return found.kind === undefined ? "null" : typeText(settled(found));
}

function* integersIn(value: unknown): Generator<bigint> {
  if (typeof value === "bigint") yield value;
  else if (Array.isArray(value)) for (const each of value) yield* integersIn(each);
  else if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value))
    for (const each of Object.values(value)) yield* integersIn(each);
}
