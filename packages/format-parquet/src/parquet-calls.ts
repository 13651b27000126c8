/** What the main thread asks of the thread that holds the wasm module. One file is open at a time. */
export type WorkerCalls = {
  /** Opens a file to read; gives its Arrow schema as an IPC stream. */
  open: { argument: { readonly size: number }; result: Uint8Array };
  /** The number of rows of the open file. */
  countRows: { argument: undefined; result: number };
  /** Starts to read the open file. Columns come in the order of the file. */
  startReading: { argument: { readonly columns: string[]; readonly batchRows: number }; result: undefined };
  /** The next batch as an IPC stream. */
  readBatch: { argument: undefined; result: Uint8Array | undefined };
  /** Starts to write a file of the batches that `nextBatch` gives. */
  startWriting: { argument: { readonly rowGroupRows: number }; result: undefined };
  /** The next bytes of the file. */
  writeBytes: { argument: undefined; result: Uint8Array | undefined };
  /** Forgets the open file. Gives the bytes of memory the wasm module holds. */
  reset: { argument: undefined; result: number };
};

/** What the wasm thread asks of the main thread. */
export type MainCalls = {
  /** Bytes of the file. */
  read: { argument: { readonly start: number; readonly end: number }; result: Uint8Array };
  /** The next batch to write, as an IPC stream. */
  nextBatch: { argument: undefined; result: Uint8Array | undefined };
};
