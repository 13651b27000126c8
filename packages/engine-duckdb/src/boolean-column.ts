import type duckdb from "@duckdb/node-bindings";
import type { Data } from "apache-arrow";
import type { ArrowColumn, Bindings, MakeData } from "./arrow-column.js";
import { GrowingBytes } from "./growing-bytes.js";
import { chunkValidity, forEachNull, Validity } from "./validity.js";

/** DuckDB has a byte for each boolean, Arrow a bit. */
export class BooleanColumn implements ArrowColumn {
  readonly #bindings: Bindings;
  readonly #data: MakeData;
  readonly #bytes = new GrowingBytes();
  readonly #validity = new Validity();

  constructor(bindings: Bindings, data: MakeData) {
    this.#bindings = bindings;
    this.#data = data;
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  append(vector: duckdb.Vector, rows: number): void {
    const start = this.#bytes.length;
    const target = this.#bytes.extend(rows);
    target.set(this.#bindings.vector_get_data(vector, rows));
    const valid = chunkValidity(this.#bindings, vector, rows);
    this.#validity.append(valid, start, rows);
    // What stands at a null is left over from something else.
    forEachNull(valid, rows, (row) => {
      target[row] = 0;
    });
  }

  finish(): Data {
    const bytes = this.#bytes.finish();
    const bits = new Uint8Array(Math.ceil(bytes.length / 8));
    for (const [row, value] of bytes.entries()) {
      if (value !== 0) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
    }
    return this.#data(bytes.length, { values: bits, validity: this.#validity.finish(bytes.length) });
  }
}
