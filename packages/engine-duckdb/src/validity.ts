import type duckdb from "@duckdb/node-bindings";
import type { Bindings } from "./arrow-column.js";

/** Arrow's bitmap of values that are not null, filled from DuckDB's, which has the same layout. */
export class Validity {
  #bits = new Uint8Array(0);
  #nulls = 0;

  /** Takes the bitmap of a chunk. */
  append(chunk: Uint8Array | null, start: number, rows: number): void {
    forEachNull(chunk, rows, (row) => this.#clear(start + row));
  }

  /** The bitmap of `rows` values, absent where none is null. Starts anew. */
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

/** The bitmap of a chunk; `null` where none of its values is null. */
export function chunkValidity(bindings: Bindings, vector: duckdb.Vector, rows: number): Uint8Array | null {
  // DuckDB keeps words of 64 bits. The declared type leaves out the null.
  return bindings.vector_get_validity(vector, Math.ceil(rows / 64) * 8);
}

export function isValid(chunk: Uint8Array | null, row: number): boolean {
  return chunk === null || (((chunk[row >> 3] ?? 0xff) >> (row & 7)) & 1) === 1;
}

/** Passes over bytes without a null, which are most. */
export function forEachNull(chunk: Uint8Array | null, rows: number, visit: (row: number) => void): void {
  if (chunk === null) return;
  for (let start = 0; start < rows; start += 8) {
    if (chunk[start >> 3] === 0xff) continue;
    for (let row = start; row < Math.min(rows, start + 8); row++) if (!isValid(chunk, row)) visit(row);
  }
}
