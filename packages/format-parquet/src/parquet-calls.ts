/** The calls from the main thread to the thread with the wasm module. One file is open at a time. */
export type WorkerCalls = {
  /** Opens a file for reading, and returns its Arrow schema as an IPC stream. */
  open: { argument: { readonly size: number }; result: Uint8Array };
  /** The number of rows of the open file. */
  countRows: { argument: undefined; result: number };
  /** Starts reading the open file. Columns are in the order of the file. */
  startReading: { argument: { readonly columns: string[]; readonly batchRows: number }; result: undefined };
  /** The next batch as an IPC stream. */
  readBatch: { argument: undefined; result: Uint8Array | undefined };
  /** Starts writing a file from the batches of `nextBatch`. */
  startWriting: { argument: { readonly rowGroupRows: number }; result: undefined };
  /** The next bytes of the file. */
  writeBytes: { argument: undefined; result: Uint8Array | undefined };
  /** Closes the open file. Returns the number of bytes of memory that the wasm module holds. */
  reset: { argument: undefined; result: number };
};

/** The calls from the wasm thread to the main thread. */
export type MainCalls = {
  /** Bytes of the file. */
  read: { argument: { readonly start: number; readonly end: number }; result: Uint8Array };
  /** The next batch to write, as an IPC stream. */
  nextBatch: { argument: undefined; result: Uint8Array | undefined };
};
