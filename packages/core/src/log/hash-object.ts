import { createHash } from "node:crypto";
import type { Store } from "@mlforge/spec";

/** Streams an object and returns its SHA-256. */
export async function hashObject(store: Store, key: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  await using result = await store.get(key, { signal });
  for await (const part of result.body) hash.update(part);
  return hash.digest("hex");
}
