import type duckdb from "@duckdb/node-bindings";
import type { Bindings } from "./arrow-column.js";

/** Arrow's bitmap of values that are not null, filled from DuckDB's bitmap, which has the same layout. */
export class Validity {
  #bits = new Uint8Array(0);
  #nulls = 0;

  /** Copies `rows` bits of the bitmap of a chunk, from `start` on, to the rows after the first `before` ones. */
  append(chunk: Uint8Array | null, start: number, before: number, rows: number): void {
    forEachNull(chunk, start, rows, (row) => this.#clear(before + row));
  }

  appendNulls(before: number, rows: number): void {
    for (let row = 0; row < rows; row++) this.#clear(before + row);
  }

  /** Returns the bitmap of `rows` values, or undefined if none is null, and starts a new one. */
  finish(rows: number): { readonly nullCount: number; readonly bitmap: Uint8Array | undefined } {
    const nullCount = this.#nulls;
    if (nullCount === 0) return { nullCount, bitmap: undefined };
    this.#reserve(rows);
    const bitmap = this.#bits.subarray(0, Math.ceil(rows / 8));
    this.#bits = new Uint8Array(0);
    this.#nulls = 0;
    return { nullCount, bitmap };
  }

  #clear(row: number): void {
    this.#reserve(row + 1);
    const index = row >> 3;
    this.#bits[index] = (this.#bits[index] ?? 0xff) & ~(1 << (row & 7));
    this.#nulls++;
  }

  #reserve(rows: number): void {
    const bytes = Math.ceil(rows / 8);
    if (bytes <= this.#bits.length) return;
    const bits = new Uint8Array(Math.max(bytes, this.#bits.length * 2, 256)).fill(0xff);
    bits.set(this.#bits);
    this.#bits = bits;
  }
}

/** Returns the bitmap of a chunk, or `null` if none of its values is null. */
export function chunkValidity(bindings: Bindings, vector: duckdb.Vector, rows: number): Uint8Array | null {
  // DuckDB uses 64-bit words. The declared type omits null.
  return bindings.vector_get_validity(vector, Math.ceil(rows / 64) * 8);
}

export function isValid(chunk: Uint8Array | null, row: number): boolean {
  return chunk === null || (((chunk[row >> 3] ?? 0xff) >> (row & 7)) & 1) === 1;
}

/** Visits the nulls among `rows` values from `start` on, counted from there. Skips bytes without a null, which are most. */
export function forEachNull(chunk: Uint8Array | null, start: number, rows: number, visit: (row: number) => void): void {
  if (chunk === null) return;
  const end = start + rows;
  for (let row = start; row < end; ) {
    if ((row & 7) === 0 && chunk[row >> 3] === 0xff) {
      row += 8;
      continue;
    }
    if (!isValid(chunk, row)) visit(row - start);
    row++;
  }
}

/** Calls `each` with every longest run of rows that are all valid or all null, from `start` on. */
export function forEachRun(
  chunk: Uint8Array | null,
  start: number,
  rows: number,
  each: (run: { readonly valid: boolean; readonly start: number; readonly rows: number }) => void,
): void {
  const end = start + rows;
  for (let from = start; from < end; ) {
    const valid = isValid(chunk, from);
    let to = from + 1;
    if (chunk === null) to = end;
    while (to < end && isValid(chunk, to) === valid) to++;
    each({ valid, start: from, rows: to - from });
    from = to;
  }
}
