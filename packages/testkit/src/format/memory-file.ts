import type { RandomAccessFile } from "@mlforge/spec";

/** A file in memory that counts the bytes read from it. */
export class MemoryFile implements RandomAccessFile {
  readonly name: string;
  readonly size: number;
  /** The number of bytes read so far. */
  bytesRead = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, name = "data.file") {
    this.#bytes = bytes;
    this.name = name;
    this.size = bytes.length;
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    if (start < 0 || end > this.size || start > end) throw new RangeError(`bytes ${start} to ${end} are not within ${this.size} bytes`);
    this.bytesRead += end - start;
    return this.#bytes.subarray(start, end);
  }
}

/** Returns everything that `items` yields. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** Returns the bytes that a format encodes, as one array. */
export async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const collected = await collect(pieces);
  const bytes = new Uint8Array(collected.reduce((total, { length }) => total + length, 0));
  let position = 0;
  for (const piece of collected) {
    bytes.set(piece, position);
    position += piece.length;
  }
  return bytes;
}

/** Returns the file that a format encodes. */
export async function fileOf(pieces: AsyncIterable<Uint8Array>): Promise<MemoryFile> {
  return new MemoryFile(await bytesOf(pieces));
}
