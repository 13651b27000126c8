import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** Streams a local file and returns its size and SHA-256. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<{ size: number; sha256: string }> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const part of createReadStream(path, { highWaterMark: 1024 * 1024, signal })) {
    hash.update(part);
    size += part.length;
  }
  return { size, sha256: hash.digest("hex") };
}
