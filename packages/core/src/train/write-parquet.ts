import { open } from "node:fs/promises";
import type { NamedColumn, ScalarKind, Schema } from "@mlforge/spec";
import type { SchemaElement } from "hyparquet";
import type { ColumnSource } from "hyparquet-writer";
import type { RowValue } from "../read/rows.js";
import type { LabelPart } from "./label-rows.js";

/** The limits of a row group, which is held in memory. */
const groupRows = 122_880;
const groupBytes = 16 * 1024 * 1024;
/** The number of values of a column to read at once. A larger number could exceed `groupBytes` if the values are long. */
const rowsAtOnce = 64;

/** How the values of a kind are written. */
interface Encoding {
  readonly type: Omit<SchemaElement, "name">;
  readonly encode: (value: NonNullable<RowValue>) => unknown;
}

const encodings: Partial<Record<ScalarKind, Encoding>> = {
  boolean: { type: { type: "BOOLEAN" }, encode: (value) => value },
  int32: { type: { type: "INT32" }, encode: Number },
  int64: { type: { type: "INT64" }, encode: integer },
  float32: { type: { type: "FLOAT" }, encode: Number },
  float64: { type: { type: "DOUBLE" }, encode: Number },
  string: { type: { type: "BYTE_ARRAY", converted_type: "UTF8" }, encode: (value) => value },
  bytes: { type: { type: "BYTE_ARRAY" }, encode: (value) => value },
  date: { type: { type: "INT32", converted_type: "DATE" }, encode: (value) => value },
  timestamp: {
    type: { type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" } },
    encode: (value) => (value instanceof Date ? BigInt(value.getTime()) * 1_000n : value),
  },
};

function integer(value: NonNullable<RowValue>): unknown {
  return typeof value === "number" ? BigInt(value) : value;
}

/** Returns true if {@link writeParquet} can write every column exactly. */
export function isParquetSchema(schema: Schema): boolean {
  return schema.length > 0 && schema.every((column) => encodingOf(column) !== undefined);
}

function encodingOf({ kind }: NamedColumn): Encoding | undefined {
  const known: Partial<Record<NamedColumn["kind"], Encoding>> = encodings;
  return known[kind];
}

/** Writes values to a new Parquet file, one row group after another. Memory does not grow with the number of rows. */
export async function writeParquet(parts: Iterable<LabelPart>, schema: Schema, path: string, signal?: AbortSignal): Promise<void> {
  const { ByteWriter, ParquetWriter } = await import("hyparquet-writer");
  const columns = schema.map((column) => {
    const encoding = encodingOf(column);
    if (encoding === undefined) throw new TypeError(`a column of the kind ${column.kind} is not written to Parquet`);
    return { name: column.name, ...encoding };
  });
  const file = await open(path, "wx");
  try {
    const bytes = new ByteWriter();
    const flush = async (): Promise<void> => {
      signal?.throwIfAborted();
      await file.writeFile(bytes.getBytes());
      bytes.index = 0;
    };
    const writer = new ParquetWriter({
      writer: bytes,
      codec: "UNCOMPRESSED",
      statistics: false,
      schema: [
        { name: "root", num_children: columns.length },
        ...columns.map(({ name, type }): SchemaElement => ({ ...type, name, repetition_type: "OPTIONAL" })),
      ],
    });
    for (const group of groupsOf(parts, columns)) {
      // A dictionary would not distinguish zero from negative zero.
      const columnData = columns.map(({ name }, index): ColumnSource => {
        return { name, data: group[index] ?? [], encoding: "PLAIN", offsetIndex: false };
      });
      await writer.write({ columnData, rowGroupSize: groupRows });
      await flush();
    }
    await writer.finish();
    await flush();
  } finally {
    await file.close();
  }
}

/** Yields the encoded values of each row group, by column. */
function* groupsOf(parts: Iterable<LabelPart>, encodings: readonly Encoding[]): Generator<unknown[][]> {
  const empty = (): unknown[][] => encodings.map(() => []);
  let group = empty();
  let count = 0;
  let size = 0;
  for (const { rows, columns } of parts) {
    for (let start = 0; start < rows; ) {
      const end = Math.min(start + rowsAtOnce, rows, start + groupRows - count);
      for (const [index, { encode }] of encodings.entries()) {
        const read = columns[index];
        const values = group[index];
        if (read === undefined || values === undefined) throw new TypeError(`the labels have no column ${index}`);
        for (let row = start; row < end; row++) {
          const value = read(row);
          values.push(value === null ? null : encode(value));
          size += sizeOf(value);
        }
      }
      count += end - start;
      start = end;
      if (count < groupRows && size < groupBytes) continue;
      yield group;
      group = empty();
      count = 0;
      size = 0;
    }
  }
  if (count > 0) yield group;
}

function sizeOf(value: RowValue): number {
  return typeof value === "string" || value instanceof Uint8Array ? value.length : 8;
}
