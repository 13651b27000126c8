import type duckdb from "@duckdb/node-bindings";
import type { Data } from "apache-arrow";
import type { ArrowColumn, ColumnSettings } from "./arrow-column.js";
import { GrowingBytes } from "./growing-bytes.js";
import { chunkValidity, forEachNull, Validity } from "./validity.js";

interface View {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): ArrayBufferView;
}

/** Copies values that have the same bytes in DuckDB and Arrow. */
export class FixedWidthColumn implements ArrowColumn {
  readonly #settings: ColumnSettings;
  readonly #View: View;
  readonly #bytes = new GrowingBytes();
  readonly #validity = new Validity();
  #rows = 0;

  constructor(settings: ColumnSettings, view: View) {
    this.#settings = settings;
    this.#View = view;
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  append(vector: duckdb.Vector, start: number, rows: number): void {
    const width = this.#View.BYTES_PER_ELEMENT;
    const target = this.#bytes.extend(rows * width);
    target.set(this.#settings.bindings.vector_get_data(vector, (start + rows) * width).subarray(start * width));
    const valid = chunkValidity(this.#settings.bindings, vector, start + rows);
    this.#validity.append(valid, start, this.#rows, rows);
    // The value at a null is leftover data.
    forEachNull(valid, start, rows, (row) => {
      target.fill(0, row * width, (row + 1) * width);
    });
    this.#rows += rows;
  }

  appendMissing(rows: number): void {
    if (this.#settings.nullable) this.#validity.appendNulls(this.#rows, rows);
    this.#bytes.extend(rows * this.#View.BYTES_PER_ELEMENT).fill(0);
    this.#rows += rows;
  }

  finish(): Data {
    const rows = this.#rows;
    this.#rows = 0;
    const { buffer } = this.#bytes.finish();
    return this.#settings.data(rows, { values: new this.#View(buffer, 0, rows), validity: this.#validity.finish(rows) });
  }
}
