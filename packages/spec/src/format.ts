import type { RecordBatch } from "apache-arrow";
import type { Schema } from "./column.js";
import type { Description } from "./engine.js";
import type { CallOptions } from "./store.js";

/** Converts between Arrow batches and the bytes of a file, streaming, without an engine. */
export interface Format {
  readonly specVersion: 1;
  /** Short, for messages and metadata: `parquet`. */
  readonly name: string;
  /** The version of the underlying library. */
  readonly version: string;

  /**
   * Returns the columns of a file, and those that no column kind can hold.
   *
   * @throws DATA_CORRUPT if the file is not in this format.
   */
  describe(file: RandomAccessFile, options?: CallOptions): Promise<Description>;

  /**
   * Returns the rows of a file in order, with memory bounded by one batch. Reads only the bytes of the requested columns.
   *
   * @throws DATA_CORRUPT, COLUMN_UNKNOWN
   */
  decode(file: RandomAccessFile, options?: DecodeOptions): AsyncIterable<RecordBatch>;

  /** Encodes rows as the bytes of a file, in pieces. `columns` is the schema, even if there are no batches. */
  encode(batches: AsyncIterable<RecordBatch>, columns: Schema, options?: CallOptions): AsyncIterable<Uint8Array>;
}

export interface DecodeOptions extends CallOptions {
  /** The columns to read, in this order. Defaults to all. */
  readonly columns?: readonly string[] | undefined;
  /** The maximum number of rows in a batch. Defaults to 65,536. */
  readonly batchRows?: number | undefined;
}

/** A file that can be read at any position, such as a local file or an object in a store. */
export interface RandomAccessFile {
  /** For messages. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Reads the bytes from `start` up to, but not including, `end`. Both are within the file. */
  read(start: number, end: number, options?: CallOptions): Promise<Uint8Array>;
}
