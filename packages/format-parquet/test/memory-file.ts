import type { RandomAccessFile } from "@mlforge/spec";

/** Bytes in memory as a file that counts what is read of it. */
export class MemoryFile implements RandomAccessFile {
  readonly name: string = "data.parquet";
  readonly size: number;
  bytesRead = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    this.bytesRead += end - start;
    return this.#bytes.subarray(start, end);
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** The whole file that pieces of bytes make. */
export async function fileOf(pieces: AsyncIterable<Uint8Array>): Promise<MemoryFile> {
  return new MemoryFile(Buffer.concat(await collect(pieces)));
}
