import type duckdb from "@duckdb/node-bindings";
import type { Data } from "apache-arrow";
import type { ArrowColumn, ColumnSettings } from "./arrow-column.js";
import { GrowingBytes } from "./growing-bytes.js";
import { chunkValidity, forEachNull, Validity } from "./validity.js";

const arrowWidth = 16;

/** Converts decimals: DuckDB uses the smallest integer that holds the precision, Arrow 128 bits. */
export class DecimalColumn implements ArrowColumn {
  readonly #settings: ColumnSettings;
  readonly #width: 2 | 4 | 8 | 16;
  readonly #bytes = new GrowingBytes();
  readonly #validity = new Validity();
  #rows = 0;

  constructor(settings: ColumnSettings, precision: number) {
    this.#settings = settings;
    this.#width = integerBytes(precision);
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  append(vector: duckdb.Vector, start: number, rows: number): void {
    const target = this.#bytes.extend(rows * arrowWidth);
    const values = this.#settings.bindings.vector_get_data(vector, (start + rows) * this.#width);
    signExtend(values.subarray(start * this.#width), this.#width, target);
    const valid = chunkValidity(this.#settings.bindings, vector, start + rows);
    this.#validity.append(valid, start, this.#rows, rows);
    // The value at a null is leftover data.
    forEachNull(valid, start, rows, (row) => {
      target.fill(0, row * arrowWidth, (row + 1) * arrowWidth);
    });
    this.#rows += rows;
  }

  appendMissing(rows: number): void {
    if (this.#settings.nullable) this.#validity.appendNulls(this.#rows, rows);
    this.#bytes.extend(rows * arrowWidth).fill(0);
    this.#rows += rows;
  }

  finish(): Data {
    const rows = this.#rows;
    this.#rows = 0;
    const { buffer } = this.#bytes.finish();
    return this.#settings.data(rows, { values: new Uint32Array(buffer, 0, rows * 4), validity: this.#validity.finish(rows) });
  }
}

/** https://duckdb.org/docs/stable/sql/data_types/numeric.html#fixed-point-decimals */
function integerBytes(precision: number): 2 | 4 | 8 | 16 {
  if (precision <= 4) return 2;
  if (precision <= 9) return 4;
  return precision <= 18 ? 8 : 16;
}

/** Widens little-endian integers to 128 bits. */
function signExtend(source: Uint8Array, width: number, target: Uint8Array): void {
  if (width === arrowWidth) {
    target.set(source);
    return;
  }
  for (let from = 0, to = 0; from < source.length; from += width, to += arrowWidth) {
    const sign = ((source[from + width - 1] ?? 0) & 0x80) === 0 ? 0 : 0xff;
    target.set(source.subarray(from, from + width), to);
    target.fill(sign, to + width, to + arrowWidth);
  }
}
