/**
 * Runs the wasm module in a worker thread. Corrupt files cause panics in asynchronous wasm calls. On the main thread, nothing could catch
 * them, and they would end the process.
 */
import { parentPort } from "node:worker_threads";
import {
  Compression,
  ParquetFile,
  type RecordBatch,
  Table,
  transformParquetStream,
  WriterPropertiesBuilder,
  wasmMemory,
} from "parquet-wasm";
import type { MainCalls, WorkerCalls } from "./parquet-calls.js";
import { connect } from "./peer.js";

if (parentPort === null) throw new TypeError("this module runs in a worker thread");

let file: ParquetFile | undefined;
let rows: ReadableStreamDefaultReader<RecordBatch> | undefined;
let bytes: ReadableStreamDefaultReader<Uint8Array> | undefined;
/** The error of the batches to write, which the writer sees as their end. */
let failure: { readonly error: unknown } | undefined;

const main = connect<MainCalls, WorkerCalls>(
  parentPort,
  {
    async open({ size }) {
      file = await ParquetFile.fromFile(new RemoteBlob(0, size));
      return file.schema().intoIPCStream();
    },
    async countRows() {
      return opened().metadata().fileMetadata().numRows();
    },
    async startReading({ columns, batchRows }) {
      rows = (await opened().stream({ columns, batchSize: batchRows })).getReader();
      return undefined;
    },
    async readBatch() {
      const next = await rows?.read();
      return next?.value?.intoIPCStream();
    },
    async startWriting({ rowGroupRows }) {
      const properties = new WriterPropertiesBuilder().setCompression(Compression.ZSTD).setMaxRowGroupSize(rowGroupRows).build();
      bytes = (await transformParquetStream(incomingBatches(), properties)).getReader();
      return undefined;
    },
    async writeBytes() {
      const next = await bytes?.read();
      if (failure !== undefined) throw failure.error;
      return next?.value;
    },
    async reset() {
      file?.free();
      file = undefined;
      rows = undefined;
      bytes = undefined;
      failure = undefined;
      return wasmMemory().buffer.byteLength;
    },
  },
  (error) => (error instanceof Error ? error.message : String(error)),
);

function opened(): ParquetFile {
  if (file === undefined) throw new TypeError("no file is open");
  return file;
}

/** A part of the file, read when its bytes are requested. */
class RemoteBlob extends Blob {
  override readonly size: number;
  readonly #start: number;
  readonly #end: number;

  constructor(start: number, end: number) {
    super([]);
    this.size = end - start;
    this.#start = start;
    this.#end = end;
  }

  override slice(start = 0, end: number = this.size): Blob {
    return new RemoteBlob(this.#start + start, this.#start + end);
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const { buffer } = await main.call("read", { start: this.#start, end: this.#end });
    if (buffer instanceof ArrayBuffer) return buffer;
    throw new TypeError("bytes came in shared memory");
  }
}

function incomingBatches(): ReadableStream<RecordBatch> {
  return new ReadableStream<RecordBatch>(
    {
      async pull(controller) {
        const ipc = await main.call("nextBatch", undefined);
        if (ipc === undefined) {
          controller.close();
          return;
        }
        try {
          const table = Table.fromIPCStream(ipc);
          for (const batch of table.recordBatches()) controller.enqueue(batch);
          table.free();
        } catch (error) {
          failure = { error };
          throw error;
        }
      },
    },
    { highWaterMark: 0 },
  );
}
