import { createWriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Store } from "@mlforge/spec";
import { createOwnedFolder } from "@mlforge/spec/ownership";
import { attempt } from "./attempt.js";

/** Copies an object within a store. Its bytes pass through this machine only if the store cannot copy. @throws STORE_NOT_FOUND */
export async function copyObject(store: Store, from: string, to: string, signal?: AbortSignal): Promise<void> {
  const { copy } = store;
  if (copy !== undefined) {
    await attempt(() => copy.call(store, from, to, { signal }), signal);
    return;
  }
  await using folder = await createOwnedFolder(tmpdir(), "mlforge-work-");
  const file = join(folder.path, "object");
  await attempt(async () => {
    await using found = await store.get(from, { signal });
    await pipeline(found.body, createWriteStream(file), { signal });
  }, signal);
  await attempt(() => store.put(to, { file }, { signal }), signal);
}
