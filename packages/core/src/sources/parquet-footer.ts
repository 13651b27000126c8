import { type FileHandle, open } from "node:fs/promises";
import type { FileMetaData } from "hyparquet";

/** Reads the footer of a local Parquet file. */
export async function parquetFooter(path: string, signal: AbortSignal | undefined): Promise<FileMetaData> {
  const { parquetMetadataAsync } = await import("hyparquet/src/metadata.js");
  await using file = await opened(path);
  const { size } = await file.handle.stat();
  return await parquetMetadataAsync({ byteLength: size, slice: slicesOf(file.handle, size, signal) }, { geoparquet: false });
}

async function opened(path: string): Promise<AsyncDisposable & { readonly handle: FileHandle }> {
  const handle = await open(path);
  return { handle, [Symbol.asyncDispose]: () => handle.close() };
}

function slicesOf(file: FileHandle, size: number, signal: AbortSignal | undefined): (start: number, end?: number) => Promise<ArrayBuffer> {
  return async (start, end = size) => {
    signal?.throwIfAborted();
    const buffer = new ArrayBuffer(end - start);
    const { bytesRead } = await file.read(new Uint8Array(buffer), 0, end - start, start);
    if (bytesRead < end - start) throw new Error("it was truncated while it was being read");
    return buffer;
  };
}
