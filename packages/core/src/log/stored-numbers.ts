import { isMlforgeError, type ObjectInfo, type Store } from "@mlforge/spec";
import pMap from "p-map";
import { attempt } from "./attempt.js";
import { claimKey, featurePrefix, metadataKey } from "./keys.js";
import { readMetadata } from "./metadata.js";
import type { StoredNumber } from "./prune-plan.js";
import { isVersion } from "./version.js";

/** The maximum number of metadata files to read concurrently. */
const concurrency = 16;

/** A version number of a store with its objects, except its claim. */
export interface NumberFiles extends StoredNumber {
  readonly hasClaim: boolean;
  /** The keys of all objects except the claim and the metadata. */
  readonly dataKeys: readonly string[];
}

/** The objects of a version number. */
interface NumberObjects {
  readonly version: string;
  readonly claim: ObjectInfo | undefined;
  readonly metadata: ObjectInfo | undefined;
  readonly data: readonly ObjectInfo[];
}

/**
 * Returns everything under the version numbers of a feature. Takes one listing, and reads the metadata of each version that is not in `pruned`.
 *
 * Omits data without a claim and metadata, since mlforge never claimed its number.
 */
export async function storedNumbers(
  store: Store,
  feature: string,
  pruned: readonly string[],
  signal?: AbortSignal,
): Promise<readonly NumberFiles[]> {
  const gone = new Set(pruned);
  const objects = await attempt(() => listObjects(store, feature, signal), signal);
  const found = await pMap(objects, (number) => examine(store, feature, number, gone.has(number.version), signal), {
    concurrency,
    ...(signal === undefined ? {} : { signal }),
  });
  return found.filter((number) => number !== undefined);
}

async function listObjects(store: Store, feature: string, signal?: AbortSignal): Promise<readonly NumberObjects[]> {
  const prefix = featurePrefix(feature);
  const numbers = new Map<string, ObjectInfo[]>();
  for await (const entry of store.list(prefix, { signal })) {
    if (entry.kind !== "object") continue;
    const [version = ""] = entry.info.key.slice(prefix.length).split("/");
    if (!isVersion(version)) continue;
    const known = numbers.get(version);
    if (known === undefined) numbers.set(version, [entry.info]);
    else known.push(entry.info);
  }
  return [...numbers].map(([version, infos]) => {
    const [claim, metadata] = [claimKey(feature, version), metadataKey(feature, version)];
    return {
      version,
      claim: infos.find(({ key }) => key === claim),
      metadata: infos.find(({ key }) => key === metadata),
      data: infos.filter(({ key }) => key !== claim && key !== metadata),
    };
  });
}

async function examine(
  store: Store,
  feature: string,
  { version, claim, metadata, data }: NumberObjects,
  isPruned: boolean,
  signal?: AbortSignal,
): Promise<NumberFiles | undefined> {
  const files = metadata === undefined ? data : [metadata, ...data];
  const touched = Math.max(...[claim, ...files].map((info) => info?.modifiedAt.getTime() ?? 0));
  const number = {
    version,
    hasClaim: claim !== undefined,
    dataKeys: data.map(({ key }) => key),
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    hasFiles: files.length > 0,
  };
  if (metadata === undefined || isPruned) {
    return claim === undefined && !isPruned ? undefined : { ...number, state: "claimed", at: touched };
  }
  try {
    const published = await readMetadata(store, feature, version, signal);
    // Somebody removed it after it was listed.
    if (published === undefined) return undefined;
    const at = Date.parse(published.created_at);
    return Number.isNaN(at) ? { ...number, state: "unreadable", at: touched } : { ...number, state: "published", at };
  } catch (error) {
    if (isMlforgeError(error, "METADATA_INVALID", "LAYOUT_UNSUPPORTED")) return { ...number, state: "unreadable", at: touched };
    throw error;
  }
}
