import { createWriteStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type CopyOptions, isMlforgeError, MlforgeError, type Store, type StoredObject } from "@mlforge/spec";
import { createOwnedFolder } from "@mlforge/spec/ownership";
import { attempt } from "./attempt.js";

/** Copies an object within a store. The bytes pass through this machine only if the store has no `copy`. @throws STORE_NOT_FOUND, STORE_CONFLICT */
export async function copyObject(
  store: Store,
  from: string,
  to: string,
  { sourceEtag, signal }: Pick<CopyOptions, "sourceEtag" | "signal">,
): Promise<StoredObject> {
  const { copy } = store;
  if (copy !== undefined) {
    try {
      return await attempt(() => copy.call(store, from, to, { sourceEtag, signal }), signal);
    } catch (error) {
      if (sourceEtag === undefined || !isMlforgeError(error, "CAPABILITY_MISSING")) throw error;
      // Some services ignore the condition. Data files never change, so checking once before the copy is enough.
      const { etag } = await attempt(() => store.head(from, { signal }), signal);
      if (etag !== sourceEtag) throw changedSource(store, from);
      return attempt(() => copy.call(store, from, to, { signal }), signal);
    }
  }
  await using folder = await createOwnedFolder(tmpdir(), "mlforge-work-");
  const file = join(folder.path, "object");
  await attempt(async () => {
    await using found = await store.get(from, { signal });
    if (sourceEtag !== undefined && found.info.etag !== sourceEtag) throw changedSource(store, from);
    await pipeline(found.body, createWriteStream(file), { signal });
  }, signal);
  return attempt(() => store.put(to, { file }, { signal }), signal);
}

function changedSource(store: Store, key: string): MlforgeError<"STORE_CONFLICT"> {
  return new MlforgeError("STORE_CONFLICT", `"${key}" changed before it was copied; try again`, { store: store.name, key });
}
