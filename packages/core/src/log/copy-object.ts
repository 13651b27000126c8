import { createWriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type CopyOptions, MlforgeError, type Store, type StoredObject } from "@mlforge/spec";
import { createOwnedFolder } from "@mlforge/spec/ownership";
import { attempt } from "./attempt.js";

/** Copies an object within a store. Its bytes pass through this machine only if the store cannot copy. @throws STORE_NOT_FOUND, STORE_CONFLICT */
export async function copyObject(
  store: Store,
  from: string,
  to: string,
  { sourceEtag, signal }: Pick<CopyOptions, "sourceEtag" | "signal">,
): Promise<StoredObject> {
  const { copy } = store;
  if (copy !== undefined) return attempt(() => copy.call(store, from, to, { sourceEtag, signal }), signal);
  await using folder = await createOwnedFolder(tmpdir(), "mlforge-work-");
  const file = join(folder.path, "object");
  await attempt(async () => {
    await using found = await store.get(from, { signal });
    if (sourceEtag !== undefined && found.info.etag !== sourceEtag)
      throw new MlforgeError("STORE_CONFLICT", `"${from}" changed before it was copied; try again`, { store: store.name, key: from });
    await pipeline(found.body, createWriteStream(file), { signal });
  }, signal);
  return attempt(() => store.put(to, { file }, { signal }), signal);
}
