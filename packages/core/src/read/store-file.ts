import { type CallOptions, MlforgeError, type RandomAccessFile, type Store } from "@mlforge/spec";
import { attempt } from "../log/attempt.js";

/** An object of a store as a file that can be read anywhere in it. */
export function storeFile(store: Store, key: string, size: number): RandomAccessFile {
  return {
    name: key,
    size,
    read: (start, end, options?: CallOptions) => attempt(() => readRange(store, key, start, end, options?.signal), options?.signal),
  };
}

async function readRange(store: Store, key: string, start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  let filled = 0;
  await using result = await store.get(key, { range: { start, end }, signal });
  for await (const part of result.body) {
    bytes.set(part, filled);
    filled += part.length;
  }
  if (filled === bytes.length) return bytes;
  const reason = `it ends at byte ${start + filled}, before byte ${end}`;
  throw new MlforgeError("DATA_CORRUPT", `"${key}" is cut short: ${reason}; restore the file or read another version`, { key, reason });
}
