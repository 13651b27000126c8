import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { Bytes } from "./byte-ranges.js";

/** A range of a cached file, with the CRC-32 of its bytes. Only damage is looked for, so a hash that costs less than SHA-256 is enough. */
export interface Piece extends Bytes {
  readonly crc32: number;
}

const bufferBytes = 1024 * 1024;

/** Returns the CRC-32 of a range of an open file, or undefined if the file ends before it. */
async function crcOf(handle: FileHandle, { start, end }: Bytes): Promise<number | undefined> {
  let crc = 0;
  const buffer = new Uint8Array(Math.min(bufferBytes, end - start));
  for (let position = start; position < end; ) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - position), position);
    if (bytesRead === 0) return undefined;
    crc = crc32(buffer.subarray(0, bytesRead), crc);
    position += bytesRead;
  }
  return crc;
}

/** Describes a range of an open file as it is now. */
export async function pieceOf(handle: FileHandle, { start, end }: Bytes): Promise<Piece> {
  const crc = await crcOf(handle, { start, end });
  if (crc === undefined) throw new RangeError(`the cached file ends before byte ${end}`);
  return { start, end, crc32: crc };
}

/** Returns true if a piece of an open file has the bytes that were recorded. */
export async function isIntact(handle: FileHandle, piece: Piece): Promise<boolean> {
  return (await crcOf(handle, piece)) === piece.crc32;
}

/** Identifies a piece and its bytes. */
export function pieceKey({ start, end, crc32: crc }: Piece): string {
  return `${start}-${end}-${crc}`;
}

/** The pieces of a cached file that a process has compared with their record. */
export interface CheckedPieces {
  /** The state of the file at that time. */
  state: string;
  readonly keys: Set<string>;
}

/** Returns a text that changes when the file is replaced or written, and not when a user gets a hard link to it, which moves the change time. */
export function stateOf({ ino, size, mtimeNs }: BigIntStats): string {
  return `${ino} ${size} ${mtimeNs}`;
}
