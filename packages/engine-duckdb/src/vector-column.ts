import type duckdb from "@duckdb/node-bindings";
import type { Data } from "apache-arrow";
import type { ArrowColumn, ColumnSettings } from "./arrow-column.js";
import { forEachListRun } from "./list-entries.js";
import { chunkValidity, Validity } from "./validity.js";

/** Converts vectors: lists of the same length in DuckDB, and that many numbers per row in Arrow, even for nulls. */
export class VectorColumn implements ArrowColumn {
  readonly #settings: ColumnSettings;
  readonly #numbers: ArrowColumn;
  readonly #length: number;
  readonly #validity = new Validity();
  #rows = 0;

  constructor(settings: ColumnSettings, numbers: ArrowColumn, length: number) {
    this.#settings = settings;
    this.#numbers = numbers;
    this.#length = length;
  }

  get byteLength(): number {
    return this.#numbers.byteLength;
  }

  append(vector: duckdb.Vector, start: number, rows: number): void {
    const { bindings } = this.#settings;
    const child = bindings.list_vector_get_child(vector);
    const valid = chunkValidity(bindings, vector, start + rows);
    this.#validity.append(valid, start, this.#rows, rows);
    forEachListRun(bindings, vector, valid, { start, rows }, (run) => {
      if (run === undefined) this.#numbers.appendMissing(this.#length);
      else this.#numbers.append(child, run.start, run.length);
    });
    this.#rows += rows;
  }

  appendMissing(rows: number): void {
    if (this.#settings.nullable) this.#validity.appendNulls(this.#rows, rows);
    this.#numbers.appendMissing(rows * this.#length);
    this.#rows += rows;
  }

  finish(): Data {
    const rows = this.#rows;
    this.#rows = 0;
    return this.#settings.data(rows, { children: [this.#numbers.finish()], validity: this.#validity.finish(rows) });
  }
}
