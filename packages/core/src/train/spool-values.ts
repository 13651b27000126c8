import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { type Column, elementOf, fieldsOf, isNested, type NamedColumn, type Plan, type Schema, vectorOf } from "@mlforge/spec";
import { microsecondsText } from "../read/microseconds-text.js";
import type { RowValue } from "../read/rows.js";
import type { LabelPart } from "./label-rows.js";
import { isParquetSchema, writeParquet } from "./write-parquet.js";

/** The number of characters to combine into one write. */
const charactersAtOnce = 65_536;

/** Writes values to a file that every engine can read exactly, and returns the plan that reads them back. */
export async function spoolValues(parts: Iterable<LabelPart>, schema: Schema, folder: string, signal?: AbortSignal): Promise<Plan> {
  if (!isParquetSchema(schema)) return spoolText(parts, schema, folder, signal);
  const path = join(folder, "labels.parquet");
  await writeParquet(parts, schema, path, signal);
  return { op: "scan", source: "labels", format: { kind: "parquet" }, paths: [pathToFileURL(path).href], columns: schema };
}

/** Writes each value as exact text. Slower than Parquet, but holds every kind. */
async function spoolText(parts: Iterable<LabelPart>, schema: Schema, folder: string, signal?: AbortSignal): Promise<Plan> {
  const path = join(folder, "labels.ndjson");
  const written = { rows: 0 };
  await pipeline(Readable.from(lines(parts, schema, written)), createWriteStream(path, { flags: "wx" }), { signal });
  const times = schema.filter(({ kind }) => kind === "timestamp").map(({ name }) => [name, { kind: "epoch", unit: "us" }] as const);
  const scan: Plan = {
    op: "scan",
    source: "labels",
    format: { kind: "ndjson" },
    paths: [pathToFileURL(path).href],
    columns: schema,
    encodings: Object.fromEntries(times),
  };
  return written.rows > 0 ? scan : { op: "limit", input: scan, count: 0 };
}

function* lines(parts: Iterable<LabelPart>, schema: Schema, written: { rows: number }): Generator<string> {
  const encoders = schema.map(encoderOf);
  const line = (read: (column: number) => RowValue): string => `{${encoders.map((encode, index) => encode(read(index))).join(",")}}\n`;
  let text = "";
  for (const { rows, columns } of parts) {
    for (let row = 0; row < rows; row++) {
      written.rows++;
      text += line((column) => columns[column]?.(row) ?? null);
      if (text.length < charactersAtOnce) continue;
      yield text;
      text = "";
    }
  }
  // A file without rows would not have the names of the columns.
  yield written.rows > 0 ? text : line(() => null);
}

/** Writes one value of a column, after its name. */
type Encode = (value: RowValue) => string;

function encoderOf(column: NamedColumn): Encode {
  const name = `${JSON.stringify(column.name)}:`;
  if (column.kind === "timestamp") return (value) => name + epochMicroseconds(value);
  // Nested values are written as strings, so that no reader of the file parses the numbers inside.
  if (isNested(column)) return (value) => name + (value === null ? "null" : JSON.stringify(encodeNested(value, column)));
  return (value) => name + encodeScalar(value, column);
}

/** Returns a time as the digits of its microseconds since the Unix epoch, which take a tenth of the time of ISO 8601. */
function epochMicroseconds(value: RowValue): string {
  if (value instanceof Date) return value.getTime() === 0 ? "0" : `${value.getTime()}000`;
  return typeof value === "bigint" ? String(value) : "null";
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
  if (typeof value === "number") return Object.is(value, -0) ? '"-0"' : `"${value}"`;
  return typeof value === "bigint" ? `"${value}"` : JSON.stringify(value);
}
