import { createHash } from "node:crypto";
import { closeSync, constants, createReadStream, openSync, readSync } from "node:fs";

const pieceBytes = 1024 * 1024;
// Otherwise, opening a pipe would block the process until somebody writes to it. Windows does not have the flag.
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
/** A shared buffer. Each piece is hashed in the turn that reads it. */
let piece: Buffer | undefined;

/** Reads a local file and returns its size and SHA-256. Reads the first MiB synchronously, and streams the rest. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<{ size: number; sha256: string }> {
  const hash = createHash("sha256");
  let size = 0;
  const add = (part: Uint8Array): void => {
    signal?.throwIfAborted();
    hash.update(part);
    size += part.length;
  };
  const file = openSync(path, openFlags);
  try {
    piece ??= Buffer.allocUnsafeSlow(pieceBytes);
    let read = -1;
    while (read !== 0 && size < pieceBytes) {
      read = readSync(file, piece, 0, piece.length, null);
      add(piece.subarray(0, read));
    }
    if (read !== 0) {
      // Reads ahead while a piece is hashed.
      for await (const part of createReadStream(path, { fd: file, highWaterMark: pieceBytes, autoClose: false })) add(part);
    }
  } finally {
    closeSync(file);
  }
  return { size, sha256: hash.digest("hex") };
}
