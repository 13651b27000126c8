import type { CallOptions, DecodeOptions, Description, Format, RandomAccessFile, Schema } from "@mlforge/spec";
import type { RecordBatch } from "apache-arrow";
import { WorkerPool } from "./worker-pool.js";

/**
 * Converts between Arrow batches and Parquet, with parquet-wasm in a worker thread.
 *
 * Creating one costs nothing: the thread starts with the first call. One idle thread is kept for the next call and does not keep the
 * process alive.
 *
 * Batches have one Arrow type for each column kind (Utf8, Bool, Int32, Int64, Float32, Float64, Decimal128, Timestamp of microseconds in UTC,
 * Date of days, Binary): dictionaries are unpacked, small integers widened and times converted. Files are written with zstd in row groups of 122,880 rows.
 */
export class ParquetFormat implements Format {
  readonly specVersion = 1;
  readonly name = "parquet";
  readonly version = "0.8.0";
  readonly #workers: WorkerPool = new WorkerPool();

  /** Returns the columns of a file, and those that no column kind can hold. */
  async describe(file: RandomAccessFile, options: CallOptions = {}): Promise<Description> {
    const { describe } = await import("./decode.js");
    return await describe(this.#workers, file, options);
  }

  /** Returns the rows of a file. @throws SCHEMA_MISMATCH, besides the errors of {@link Format.decode}, if no column kind can hold a requested column. */
  async *decode(file: RandomAccessFile, options: DecodeOptions = {}): AsyncGenerator<RecordBatch, void, undefined> {
    const { decode } = await import("./decode.js");
    yield* decode(this.#workers, file, options);
  }

  /**
   * Encodes rows as the bytes of a file, in pieces, with memory bounded by a row group. The columns of a batch can be in any order.
   *
   * @throws SCHEMA_MISMATCH if a batch does not have exactly `columns`.
   */
  async *encode(
    batches: AsyncIterable<RecordBatch>,
    columns: Schema,
    options: CallOptions = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { encode } = await import("./encode.js");
    yield* encode(this.#workers, batches, columns, options);
  }
}
