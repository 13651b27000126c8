import { isMlforgeError, type Store } from "@mlforge/spec";
import pMap from "p-map";
import { attempt } from "./attempt.js";
import { hashObject } from "./hash-object.js";
import { dataKey } from "./keys.js";
import type { DataFile, VersionMetadata } from "./metadata.js";

/** Returns the data files of a version that are missing or do not have the recorded size. With `verify`, also those with other content. */
export async function missingFiles(
  store: Store,
  { name, version, files }: VersionMetadata,
  { verify, signal }: { readonly verify?: boolean | undefined; readonly signal?: AbortSignal | undefined },
): Promise<readonly DataFile[]> {
  const isSound = async (file: DataFile): Promise<boolean> => {
    const key = dataKey(name, version, file.path);
    const size = await sizeOf(store, key, signal);
    return size === file.size && (verify !== true || (await hashObject(store, key, { signal }))?.sha256 === file.sha256);
  };
  const sound = await pMap(files, isSound, { concurrency: 8, ...(signal === undefined ? {} : { signal }) });
  return files.filter((_, index) => sound[index] !== true);
}

async function sizeOf(store: Store, key: string, signal?: AbortSignal): Promise<number | undefined> {
  try {
    return (await attempt(() => store.head(key, { signal }), signal)).size;
  } catch (error) {
    if (isMlforgeError(error, "STORE_NOT_FOUND")) return undefined;
    throw error;
  }
}
