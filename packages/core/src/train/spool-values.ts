import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { type Column, elementOf, fieldsOf, isNested, type Plan, type Schema, vectorOf } from "@mlforge/spec";
import { microsecondsText } from "../read/microseconds-text.js";
import type { RowValue } from "../read/rows.js";
import type { LabelValues } from "./label-rows.js";

/** The number of rows to combine into one write. */
const rowsAtOnce = 1_000;

/** Writes values to a file that every engine can read, each as exact text, and returns the plan that reads them back. */
export async function spoolValues(rows: Iterable<LabelValues>, schema: Schema, folder: string, signal?: AbortSignal): Promise<Plan> {
  const path = join(folder, "labels.ndjson");
  const written = { rows: 0 };
  await pipeline(Readable.from(lines(rows, schema, written)), createWriteStream(path, { flags: "wx" }), { signal });
  const format = { kind: "ndjson" } as const;
  const scan: Plan = { op: "scan", source: "labels", format, paths: [pathToFileURL(path).href], columns: schema };
  return written.rows > 0 ? scan : { op: "limit", input: scan, count: 0 };
}

function* lines(rows: Iterable<LabelValues>, schema: Schema, written: { rows: number }): Generator<string> {
  let text: string[] = [];
  for (const values of rows) {
    written.rows++;
    text.push(line(values, schema));
    if (text.length < rowsAtOnce) continue;
    yield text.join("");
    text = [];
  }
  // A file without rows would not have the names of the columns.
  yield written.rows > 0 ? text.join("") : line([], schema);
}

function line(values: LabelValues, schema: Schema): string {
  const fields = schema.map((column, index) => `${JSON.stringify(column.name)}:${encode(values[index] ?? null, column)}`);
  return `{${fields.join(",")}}\n`;
}

function encode(value: RowValue, column: Column): string {
  if (value === null || !isNested(column)) return encodeScalar(value, column);
  // Written as a string, so that no reader of the file parses the numbers inside.
  return JSON.stringify(encodeNested(value, column));
}

/** Returns strict JSON in which every number has all its digits. */
function encodeNested(value: RowValue, column: Column): string {
  if (value === null) return "null";
  switch (column.kind) {
    case "list":
      return list(value, elementOf(column));
    case "vector":
      return list(value, { kind: vectorOf(column).element, nullable: false });
    case "struct": {
      const members = new Map<string, RowValue>(typeof value === "object" ? Object.entries(value) : []);
      const fields = fieldsOf(column).map(
        (field) => `${JSON.stringify(field.name)}:${encodeNested(members.get(field.name) ?? null, field)}`,
      );
      return `{${fields.join(",")}}`;
    }
    case "boolean":
      return String(value);
    case "json":
      return typeof value === "string" ? value : "null";
    default:
      return encodeScalar(value, column);
  }
}

function list(value: RowValue, of: Column): string {
  const values = Array.isArray(value) || value instanceof Float32Array || value instanceof Float64Array ? value : [];
  return `[${Array.from<RowValue, string>(values, (each) => encodeNested(each, of)).join(",")}]`;
}

function encodeScalar(value: RowValue, { kind }: Column): string {
  if (value === null) return "null";
  if (value instanceof Date) return JSON.stringify(kind === "date" ? value.toISOString().slice(0, 10) : value.toISOString());
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64"));
  if (typeof value === "bigint" && kind === "timestamp") return JSON.stringify(microsecondsText(value));
  // JSON has no NaN or infinity, and JSON.stringify drops the sign of a negative zero.
  if (typeof value === "number") return JSON.stringify(Object.is(value, -0) ? "-0" : String(value));
  return typeof value === "bigint" ? JSON.stringify(String(value)) : JSON.stringify(value);
}
