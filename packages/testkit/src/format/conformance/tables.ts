import type { Format, Schema } from "@mlforge/spec";
import type { RecordBatch } from "apache-arrow";
import { batchOf } from "../batch-of.js";
import { fileOf, type MemoryFile } from "../memory-file.js";
import type { PlainValue } from "../plain-value.js";
import type { RandomRows } from "../random-rows.js";

export type Rows = readonly (readonly PlainValue[])[];

/** Yields the rows in batches of the given sizes, the last of which repeats. */
export async function* batchesOf({ columns, rows }: RandomRows, sizes: readonly number[] = [rows.length]): AsyncGenerator<RecordBatch> {
  for (let start = 0, batch = 0; start < rows.length; batch++) {
    const size = sizes[Math.min(batch, sizes.length - 1)] ?? 1;
    yield batchOf(columns, rows.slice(start, start + size));
    start += size;
  }
}

export async function* yielding<T>(...items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** Writes the rows and returns the file. */
export function write(format: Format, columns: Schema, rows: Rows, sizes?: readonly number[]): Promise<MemoryFile> {
  return fileOf(format.encode(batchesOf({ columns, rows }, sizes), columns));
}

/** Integers that look random, so that nothing compresses them. The same for the same row and column. */
export function scrambled(row: number, column = 0): number {
  return Math.imul(Math.imul(row + 1, 2_654_435_761) ^ (row >>> 15), 2_246_822_519 + 2 * column) | 0;
}
