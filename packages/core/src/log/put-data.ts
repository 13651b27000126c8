import { access } from "node:fs/promises";
import { isMlforgeError, MlforgeError, type PutBody, type Store, type StoredObject } from "@mlforge/spec";
import pMap from "p-map";
import { attempt } from "./attempt.js";
import type { Claim } from "./claim.js";
import { copyObject } from "./copy-object.js";
import { dataKey } from "./keys.js";
import type { DataFile, VersionMetadata } from "./metadata.js";

/** A data file to publish: its local path, its name within the version, and its expected size and hash. */
export interface StagedFile {
  readonly body: PutBody;
  readonly name: string;
  /** Size in bytes. */
  readonly size: number;
  /** In lowercase hex. */
  readonly sha256: string;
}

/** Puts staged files into the store, under a version that this commit has claimed. Returns them as metadata records them. */
export async function putFiles(
  store: Store,
  claim: Claim,
  files: readonly StagedFile[],
  signal?: AbortSignal,
): Promise<readonly DataFile[]> {
  const stored: DataFile[] = [];
  for (const file of files) stored.push(recordOf(store, file, (await putData(store, claim, file, signal)).etag));
  return stored;
}

/** The maximum number of files to copy at a time. */
const copies = 8;

/**
 * Copies data files of a version to a version that this commit has claimed. Returns their metadata.
 *
 * @throws STORE_CONFLICT if a prune removes one of them during the copy
 */
export async function copyFiles(
  store: Store,
  from: Pick<VersionMetadata, "name" | "version">,
  to: Claim,
  files: readonly DataFile[],
  signal?: AbortSignal,
): Promise<readonly DataFile[]> {
  const copy = async ({ path, size, sha256, etag }: DataFile): Promise<DataFile> => {
    const source = dataKey(from.name, from.version, path);
    const target = dataKey(to.feature, to.version, path);
    try {
      const copied = await copyObject(store, source, target, { sourceEtag: etag, signal });
      if (copied.size !== size) throw incomplete(target, copied.size, size);
      return recordOf(store, { name: path, size, sha256 }, copied.etag);
    } catch (error) {
      if (!isMlforgeError(error, "STORE_NOT_FOUND")) throw error;
      const message = `"${source}" was removed while it was being copied; build again`;
      throw new MlforgeError("STORE_CONFLICT", message, { store: store.name, key: source }, { cause: error });
    }
  };
  return pMap(files, copy, { concurrency: copies, ...(signal === undefined ? {} : { signal }) });
}

/** Returns a data file as metadata records it. Omits the etag in a working tree, where it belongs to one checkout, since metadata is committed to Git. */
export function recordOf(store: Store, { name, size, sha256 }: Omit<StagedFile, "body">, etag: string): DataFile {
  return { path: name, size, sha256, ...(store.capabilities.workingTree ? {} : { etag }) };
}

/** Puts a staged file into the store, under a version that this commit has claimed. */
async function putData(store: Store, claim: Claim, file: StagedFile, signal?: AbortSignal): Promise<StoredObject> {
  const key = dataKey(claim.feature, claim.version, file.name);
  let attempts = 0;
  return attempt(async () => {
    attempts += 1;
    if (attempts > 1 && (await wentAway(file.body))) return confirmMoved(store, key, file, signal);
    const stored = await store.put(key, file.body, { signal });
    if (stored.size !== file.size) throw incomplete(key, stored.size, file.size);
    return stored;
  }, signal);
}

/** The file was moved by a put whose reply was lost. The object under the key is ours, since only we write there. */
async function confirmMoved(store: Store, key: string, file: StagedFile, signal?: AbortSignal): Promise<StoredObject> {
  try {
    const found = await store.head(key, { signal });
    if (found.size === file.size) return found;
    throw incomplete(key, found.size, file.size);
  } catch (error) {
    if (!isMlforgeError(error, "STORE_NOT_FOUND")) throw error;
    throw new MlforgeError("DATA_CORRUPT", `"${key}" was lost while it was being stored; build again`, {
      key,
      reason: "lost while being stored",
    });
  }
}

export function incomplete(key: string, found: number, wanted: number): MlforgeError<"DATA_CORRUPT"> {
  const reason = `${found} bytes were stored instead of ${wanted}`;
  return new MlforgeError("DATA_CORRUPT", `"${key}": ${reason}; build again`, { key, reason });
}

async function wentAway(body: PutBody): Promise<boolean> {
  if (body instanceof Uint8Array) return false;
  try {
    await access(body.file);
    return false;
  } catch {
    return true;
  }
}
