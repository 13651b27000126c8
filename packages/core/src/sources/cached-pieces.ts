import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Bytes } from "./byte-ranges.js";
import type { Piece } from "./cache-record.js";

const bufferBytes = 1024 * 1024;

/** Returns the SHA-256 of a range of an open file, or undefined if the file ends before it. */
async function hashRange(handle: FileHandle, { start, end }: Bytes): Promise<string | undefined> {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(Math.min(bufferBytes, end - start));
  for (let position = start; position < end; ) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - position), position);
    if (bytesRead === 0) return undefined;
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return hash.digest("hex");
}

/** Describes ranges of an open file as they are now. */
export async function piecesOf(handle: FileHandle, ranges: readonly Bytes[]): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const { start, end } of ranges) {
    const sha256 = await hashRange(handle, { start, end });
    if (sha256 === undefined) throw new RangeError(`the cached file ends before byte ${end}`);
    pieces.push({ start, end, sha256 });
  }
  return pieces;
}

/** Returns true if every piece of an open file has the bytes that were recorded. */
export async function areIntact(handle: FileHandle, pieces: readonly Piece[]): Promise<boolean> {
  for (const piece of pieces) if ((await hashRange(handle, piece)) !== piece.sha256) return false;
  return true;
}
