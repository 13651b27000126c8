import { createHash } from "node:crypto";
import { isMlforgeError, type Store } from "@mlforge/spec";
import { attempt } from "./attempt.js";

/** Streams an object and returns its size and SHA-256, or undefined if it does not exist. Calls `onBytes` with the number of bytes read so far. */
export async function hashObject(
  store: Store,
  key: string,
  options: { readonly onBytes?: (bytes: number) => void; readonly signal?: AbortSignal | undefined } = {},
): Promise<{ readonly size: number; readonly sha256: string } | undefined> {
  const { onBytes, signal } = options;
  try {
    return await attempt(async () => {
      await using result = await store.get(key, { signal });
      const hash = createHash("sha256");
      let size = 0;
      for await (const part of result.body) {
        hash.update(part);
        size += part.length;
        onBytes?.(size);
      }
      return { size, sha256: hash.digest("hex") };
    }, signal);
  } catch (error) {
    if (isMlforgeError(error, "STORE_NOT_FOUND")) return undefined;
    throw error;
  }
}
