import { open } from "node:fs/promises";
import type { CallOptions, RandomAccessFile } from "@mlforge/spec";

/** Opens a local file for random access. */
export async function openLocalFile(path: string | URL): Promise<RandomAccessFile & AsyncDisposable> {
  const handle = await open(path, "r");
  const { size } = await handle.stat();
  return {
    name: String(path),
    size,
    async read(start: number, end: number, options?: CallOptions) {
      options?.signal?.throwIfAborted();
      const buffer = new Uint8Array(end - start);
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, start + filled);
        if (bytesRead === 0) throw new RangeError(`"${path}" ends at byte ${start + filled}, before byte ${end}`);
        filled += bytesRead;
      }
      return buffer;
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
