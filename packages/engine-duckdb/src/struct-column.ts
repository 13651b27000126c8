import type duckdb from "@duckdb/node-bindings";
import type { Data } from "apache-arrow";
import type { ArrowColumn, ColumnSettings } from "./arrow-column.js";
import { chunkValidity, forEachRun, Validity } from "./validity.js";

/** Converts structs, with one column per field. Ignores the fields of a null. */
export class StructColumn implements ArrowColumn {
  readonly #settings: ColumnSettings;
  readonly #fields: readonly ArrowColumn[];
  readonly #validity = new Validity();
  #rows = 0;

  constructor(settings: ColumnSettings, fields: readonly ArrowColumn[]) {
    this.#settings = settings;
    this.#fields = fields;
  }

  get byteLength(): number {
    return this.#fields.reduce((sum, field) => sum + field.byteLength, 0);
  }

  append(vector: duckdb.Vector, start: number, rows: number): void {
    const { bindings } = this.#settings;
    const valid = chunkValidity(bindings, vector, start + rows);
    this.#validity.append(valid, start, this.#rows, rows);
    for (const [index, field] of this.#fields.entries()) {
      const child = bindings.struct_vector_get_child(vector, index);
      forEachRun(valid, start, rows, (run) => {
        if (run.valid) field.append(child, run.start, run.rows);
        else field.appendMissing(run.rows);
      });
    }
    this.#rows += rows;
  }

  appendMissing(rows: number): void {
    if (this.#settings.nullable) this.#validity.appendNulls(this.#rows, rows);
    for (const field of this.#fields) field.appendMissing(rows);
    this.#rows += rows;
  }

  finish(): Data {
    const rows = this.#rows;
    this.#rows = 0;
    return this.#settings.data(rows, { children: this.#fields.map((field) => field.finish()), validity: this.#validity.finish(rows) });
  }
}
