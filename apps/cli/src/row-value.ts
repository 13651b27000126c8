import { type Column, type ColumnKind, elementOf, fieldsOf, isNested, vectorOf } from "@mlforge/spec";

/** Options that read rows without rounding any value. */
export const exactRows = { int64: "bigint", timestamp: "microseconds" } as const;

/**
 * Converts a value of a row to JSON without loss.
 *
 * An int64 beyond 2^53 and decimals become strings of digits. NaN and the infinities become their names. Timestamps become ISO 8601 in
 * UTC with microseconds, dates YYYY-MM-DD, and bytes base64. Lists and vectors become arrays, structs become objects, and JSON becomes
 * a string with its text.
 */
export function jsonValue(value: unknown, column: Column): JsonValue {
  if (value !== null && value !== undefined && isNested(column)) return nestedValue(value, column);
  const { kind } = column;
  switch (typeof value) {
    case "bigint":
      if (kind === "timestamp") return isoTimestamp(value);
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "string":
    case "boolean":
      return value;
    default:
      if (value === null || value === undefined) return null;
      if (value instanceof Date) return value.toISOString().slice(0, "YYYY-MM-DD".length);
      if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
      throw new TypeError(`a value of kind ${kind} cannot be printed`);
  }
}

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };

function nestedValue(value: unknown, column: Column): JsonValue {
  if (column.kind === "struct") {
    if (typeof value !== "object" || value === null) throw new TypeError("a struct is not an object");
    const members = new Map<string, unknown>(Object.entries(value));
    return Object.fromEntries(fieldsOf(column).map((field) => [field.name, jsonValue(members.get(field.name), field)]));
  }
  const of: Column = column.kind === "vector" ? { kind: vectorOf(column).element, nullable: false } : elementOf(column);
  if (!(Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array))
    throw new TypeError(`a ${column.kind} is not an array`);
  return Array.from<unknown, JsonValue>(value, (element) => jsonValue(element, of));
}

/** Formats a value of a row for a table. Null becomes empty. */
export function textValue(value: unknown, column: Column): string {
  const json = jsonValue(value, column);
  if (json === null) return "";
  return typeof json === "object" ? JSON.stringify(json) : String(json);
}

export function isNumberKind(kind: ColumnKind): boolean {
  return kind.startsWith("int") || kind.startsWith("float") || kind === "decimal";
}

/** Formats microseconds as ISO 8601. Years outside 0000 to 9999 have six digits and a sign, as ISO 8601 extends them. */
function isoTimestamp(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - fraction) / 1_000n));
  if (Number.isNaN(seconds.valueOf())) return String(micros);
  const digits = fraction === 0n ? "" : `.${String(fraction).padStart(6, "0")}`;
  return seconds.toISOString().replace(/\.000Z$/, `${digits}Z`);
}
