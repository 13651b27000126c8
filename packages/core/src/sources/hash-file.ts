import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

const pieceBytes = 1024 * 1024;

/** Streams a local file and returns its size and SHA-256. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<{ size: number; sha256: string }> {
  const hash = createHash("sha256");
  let size = 0;
  const add = (part: Uint8Array): void => {
    signal?.throwIfAborted();
    hash.update(part);
    size += part.length;
  };
  const file = await open(path);
  try {
    const { size: expected } = await file.stat();
    if (expected >= pieceBytes) {
      // Reads ahead while a piece is hashed.
      for await (const part of file.createReadStream({ highWaterMark: pieceBytes, autoClose: false })) add(part);
    } else {
      // A stream and its buffer cost several times as much as the hash of a small file.
      const buffer = Buffer.allocUnsafe(expected + 1);
      for (let read = -1; read !== 0; ) {
        read = (await file.read(buffer, 0, buffer.length, null)).bytesRead;
        add(buffer.subarray(0, read));
      }
    }
  } finally {
    await file.close();
  }
  return { size, sha256: hash.digest("hex") };
}
