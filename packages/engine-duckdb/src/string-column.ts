import type duckdb from "@duckdb/node-bindings";
import type { Data } from "apache-arrow";
import type { ArrowColumn, ColumnSettings } from "./arrow-column.js";
import { GrowingBytes } from "./growing-bytes.js";
import { chunkValidity, isValid, Validity } from "./validity.js";

/** A `duckdb_string_t`: 4 bytes of length, then up to 12 bytes of text, or 4 bytes of prefix and a pointer. */
const handleBytes = 16;
const inlineBytes = 12;

/** Converts strings and bytes: DuckDB has a handle for each value, Arrow has offsets into all of them. */
export class StringColumn implements ArrowColumn {
  readonly #settings: ColumnSettings;
  readonly #bytes = new GrowingBytes();
  readonly #ends = new GrowingBytes();
  readonly #validity = new Validity();

  constructor(settings: ColumnSettings) {
    this.#settings = settings;
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  append(vector: duckdb.Vector, start: number, rows: number): void {
    const handles = this.#settings.bindings.vector_get_data(vector, (start + rows) * handleBytes).subarray(start * handleBytes);
    const lengths = new DataView(handles.buffer, handles.byteOffset, handles.byteLength);
    const valid = chunkValidity(this.#settings.bindings, vector, start + rows);
    this.#validity.append(valid, start, this.#ends.length / 4, rows);
    const ends = this.#ends.extend(rows * 4);
    const endsView = new DataView(ends.buffer, ends.byteOffset, ends.byteLength);
    for (let row = 0; row < rows; row++) {
      // The handle of a null can be anything, even an invalid pointer.
      if (isValid(valid, start + row)) this.#appendText(handles, row * handleBytes, lengths.getUint32(row * handleBytes, true));
      endsView.setInt32(row * 4, this.#bytes.length, true);
    }
  }

  appendMissing(rows: number): void {
    if (this.#settings.nullable) this.#validity.appendNulls(this.#ends.length / 4, rows);
    const ends = this.#ends.extend(rows * 4);
    const endsView = new DataView(ends.buffer, ends.byteOffset, ends.byteLength);
    for (let row = 0; row < rows; row++) endsView.setInt32(row * 4, this.#bytes.length, true);
  }

  finish(): Data {
    const { buffer, length } = this.#ends.finish();
    const rows = length / 4;
    const offsets = new Int32Array(rows + 1);
    offsets.set(new Int32Array(buffer, 0, rows), 1);
    return this.#settings.data(rows, { values: this.#bytes.finish(), offsets, validity: this.#validity.finish(rows) });
  }

  #appendText(handles: Uint8Array, handle: number, length: number): void {
    const target = this.#bytes.extend(length);
    if (length > inlineBytes) {
      // Native memory is never shared, but the typings do not say so.
      const buffer = handles.buffer as ArrayBuffer;
      target.set(this.#settings.bindings.get_data_from_pointer(buffer, handles.byteOffset + handle + 8, length));
      return;
    }
    for (let index = 0; index < length; index++) target[index] = handles[handle + 4 + index] ?? 0;
  }
}
