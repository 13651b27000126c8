import { type Column, type ExampleRow, findColumn, type Schema } from "@mlforge/spec";
import { microsecondsText } from "../read/microseconds-text.js";
import type { RowValue } from "../read/rows.js";

/** The maximum number of characters of a value in an example. */
const mostCharacters = 100;

/** Converts a row to strings for an error. Timestamps must be microseconds. */
export function exampleRow(row: Readonly<Record<string, RowValue>>, schema: Schema): ExampleRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, textOf(value, findColumn(name, schema))]));
}

/** Formats rows: `(origin=SEA, delay=null) (origin=SFO, delay=3)`. */
export function showExamples(rows: readonly ExampleRow[]): string {
  return rows
    .map((row) => {
      const pairs = Object.entries(row).map(([name, value]) => `${name}=${value ?? "null"}`);
      return `(${pairs.join(", ")})`;
    })
    .join(" ");
}

function textOf(value: RowValue, { kind }: Column): string | null {
  if (value === null) return null;
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  const text = kind === "timestamp" && typeof value === "bigint" ? microsecondsText(value) : String(value);
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)}...`;
}
