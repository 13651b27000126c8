import type duckdb from "@duckdb/node-bindings";
import type { Data } from "apache-arrow";
import type { ArrowColumn, ColumnSettings } from "./arrow-column.js";
import { GrowingBytes } from "./growing-bytes.js";
import { forEachListRun } from "./list-entries.js";
import { chunkValidity, Validity } from "./validity.js";

/** Converts lists: in DuckDB, entries point to the elements in any order; in Arrow, the elements are consecutive. */
export class ListColumn implements ArrowColumn {
  readonly #settings: ColumnSettings;
  readonly #elements: ArrowColumn;
  readonly #ends = new GrowingBytes();
  readonly #validity = new Validity();
  #count = 0;

  constructor(settings: ColumnSettings, elements: ArrowColumn) {
    this.#settings = settings;
    this.#elements = elements;
  }

  get byteLength(): number {
    return this.#ends.length + this.#elements.byteLength;
  }

  append(vector: duckdb.Vector, start: number, rows: number): void {
    const { bindings } = this.#settings;
    const child = bindings.list_vector_get_child(vector);
    const valid = chunkValidity(bindings, vector, start + rows);
    this.#validity.append(valid, start, this.#ends.length / 4, rows);
    const ends = this.#ends.extend(rows * 4);
    const endsView = new DataView(ends.buffer, ends.byteOffset, ends.byteLength);
    const before = this.#count;
    const append = (run: { readonly start: number; readonly length: number } | undefined): void => {
      if (run === undefined) return;
      this.#elements.append(child, run.start, run.length);
      this.#count += run.length;
    };
    forEachListRun(bindings, vector, valid, { start, rows }, append, (row, count) => endsView.setInt32(row * 4, before + count, true));
  }

  appendMissing(rows: number): void {
    if (this.#settings.nullable) this.#validity.appendNulls(this.#ends.length / 4, rows);
    const ends = this.#ends.extend(rows * 4);
    const endsView = new DataView(ends.buffer, ends.byteOffset, ends.byteLength);
    for (let row = 0; row < rows; row++) endsView.setInt32(row * 4, this.#count, true);
  }

  finish(): Data {
    const { buffer, length } = this.#ends.finish();
    const rows = length / 4;
    const offsets = new Int32Array(rows + 1);
    offsets.set(new Int32Array(buffer, 0, rows), 1);
    this.#count = 0;
    return this.#settings.data(rows, { offsets, children: [this.#elements.finish()], validity: this.#validity.finish(rows) });
  }
}
