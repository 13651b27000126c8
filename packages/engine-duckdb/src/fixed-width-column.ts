import type duckdb from "@duckdb/node-bindings";
import type { Data } from "apache-arrow";
import type { ArrowColumn, Bindings, MakeData } from "./arrow-column.js";
import { GrowingBytes } from "./growing-bytes.js";
import { chunkValidity, forEachNull, Validity } from "./validity.js";

interface View {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): ArrayBufferView;
}

/** Values that DuckDB and Arrow write alike: copied as they are. */
export class FixedWidthColumn implements ArrowColumn {
  readonly #bindings: Bindings;
  readonly #data: MakeData;
  readonly #View: View;
  readonly #bytes = new GrowingBytes();
  readonly #validity = new Validity();
  #rows = 0;

  constructor(bindings: Bindings, data: MakeData, view: View) {
    this.#bindings = bindings;
    this.#data = data;
    this.#View = view;
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  append(vector: duckdb.Vector, rows: number): void {
    const width = this.#View.BYTES_PER_ELEMENT;
    const target = this.#bytes.extend(rows * width);
    target.set(this.#bindings.vector_get_data(vector, rows * width));
    const valid = chunkValidity(this.#bindings, vector, rows);
    this.#validity.append(valid, this.#rows, rows);
    // What stands at a null is left over from something else.
    forEachNull(valid, rows, (row) => {
      target.fill(0, row * width, (row + 1) * width);
    });
    this.#rows += rows;
  }

  finish(): Data {
    const rows = this.#rows;
    this.#rows = 0;
    const { buffer } = this.#bytes.finish();
    return this.#data(rows, { values: new this.#View(buffer, 0, rows), validity: this.#validity.finish(rows) });
  }
}
