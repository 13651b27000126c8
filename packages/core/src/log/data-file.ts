import { isMlforgeError, MlforgeError, type ObjectInfo, type Store } from "@mlforge/spec";
import pMap from "p-map";
import { attempt } from "./attempt.js";
import { dataKey } from "./keys.js";
import type { VersionMetadata } from "./metadata.js";

/** The number of files to look at concurrently. A version of a cluster can have thousands. */
const concurrency = 16;

export const missingData = "it is missing (a Git clone has metadata but no data)";

/** Returns information about a data file. @throws DATA_CORRUPT if it is missing */
async function headData(store: Store, key: string, signal?: AbortSignal): Promise<ObjectInfo> {
  try {
    return await attempt(() => store.head(key, { signal }), signal);
  } catch (error) {
    if (isMlforgeError(error, "STORE_NOT_FOUND")) throw corruptData(key, missingData, error);
    throw error;
  }
}

/** Checks that every data file of a version exists and has the recorded size. Reads no data. @throws DATA_CORRUPT */
export async function expectData(store: Store, { name, version, files }: VersionMetadata, signal?: AbortSignal): Promise<void> {
  await pMap(files, (file) => expectSize(store, dataKey(name, version, file.path), file.size, signal), {
    concurrency,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Checks the size of a data file. @throws DATA_CORRUPT */
export async function expectSize(store: Store, key: string, expected: number, signal?: AbortSignal): Promise<void> {
  const { size } = await headData(store, key, signal);
  if (size !== expected) throw corruptData(key, `it has ${size} bytes instead of ${expected}`);
}

export function corruptData(key: string, reason: string, cause?: unknown): MlforgeError<"DATA_CORRUPT"> {
  return new MlforgeError(
    "DATA_CORRUPT",
    `"${key}" is not what was published: ${reason}; restore it with mlforge sync, read another version, or publish a new version with mlforge build --force`,
    { key, reason },
    { cause },
  );
}
