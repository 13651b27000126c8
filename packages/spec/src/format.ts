import type { RecordBatch } from "apache-arrow";
import type { Schema } from "./column.js";
import type { Description } from "./engine.js";
import type { CallOptions } from "./store.js";

/** Arrow batches to and from the bytes of a file, streaming, where no engine is. */
export interface Format {
  readonly specVersion: 1;
  /** Short, for messages and metadata: `parquet`. */
  readonly name: string;
  /** The version of the library that does the work. */
  readonly version: string;

  /**
   * The columns of a file, and those that no column kind can hold.
   *
   * @throws DATA_CORRUPT if it is not in this format.
   */
  describe(file: RandomAccessFile, options?: CallOptions): Promise<Description>;

  /**
   * The rows of a file in order, with memory bounded by one batch. Only the bytes of the wanted columns are read.
   *
   * @throws DATA_CORRUPT, COLUMN_UNKNOWN
   */
  decode(file: RandomAccessFile, options?: DecodeOptions): AsyncIterable<RecordBatch>;

  /** The bytes of a file with these rows, in pieces. `columns` is the schema, also where there is no batch. */
  encode(batches: AsyncIterable<RecordBatch>, columns: Schema, options?: CallOptions): AsyncIterable<Uint8Array>;
}

export interface DecodeOptions extends CallOptions {
  /** The columns to read, in this order; all unless told. */
  readonly columns?: readonly string[] | undefined;
  /** Rows in a batch at most; 65,536 unless told. */
  readonly batchRows?: number | undefined;
}

/** Bytes that can be read anywhere: a local file, an object in a store. */
export interface RandomAccessFile {
  /** For messages. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes `start` up to and without `end`; both lie within the file. */
  read(start: number, end: number, options?: CallOptions): Promise<Uint8Array>;
}
