import type duckdb from "@duckdb/node-bindings";
import type { Data } from "apache-arrow";
import type { ArrowColumn, ColumnSettings } from "./arrow-column.js";
import { GrowingBytes } from "./growing-bytes.js";
import { chunkValidity, forEachNull, Validity } from "./validity.js";

/** Converts booleans: DuckDB uses one byte, Arrow one bit. */
export class BooleanColumn implements ArrowColumn {
  readonly #settings: ColumnSettings;
  readonly #bytes = new GrowingBytes();
  readonly #validity = new Validity();

  constructor(settings: ColumnSettings) {
    this.#settings = settings;
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  append(vector: duckdb.Vector, start: number, rows: number): void {
    const before = this.#bytes.length;
    const target = this.#bytes.extend(rows);
    target.set(this.#settings.bindings.vector_get_data(vector, start + rows).subarray(start));
    const valid = chunkValidity(this.#settings.bindings, vector, start + rows);
    this.#validity.append(valid, start, before, rows);
    // The value at a null is leftover data.
    forEachNull(valid, start, rows, (row) => {
      target[row] = 0;
    });
  }

  appendMissing(rows: number): void {
    if (this.#settings.nullable) this.#validity.appendNulls(this.#bytes.length, rows);
    this.#bytes.extend(rows).fill(0);
  }

  finish(): Data {
    const bytes = this.#bytes.finish();
    const bits = new Uint8Array(Math.ceil(bytes.length / 8));
    for (const [row, value] of bytes.entries()) {
      if (value !== 0) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
    }
    return this.#settings.data(bytes.length, { values: bits, validity: this.#validity.finish(bytes.length) });
  }
}
