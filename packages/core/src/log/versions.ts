import { isMlforgeError, MlforgeError, type Store } from "@mlforge/spec";
import pMap from "p-map";
import semverSatisfies from "semver/functions/satisfies.js";
import semverValidRange from "semver/ranges/valid.js";
import { featurePrefix } from "./keys.js";
import { readMetadata, type VersionMetadata } from "./metadata.js";
import { readPointer } from "./pointer.js";
import { compareVersions, isVersion } from "./version.js";

/** The maximum number of metadata files to read concurrently when listing versions. */
const concurrency = 16;

/** A version whose metadata exists but cannot be read. */
export interface BrokenVersion {
  readonly version: string;
  readonly error: MlforgeError<"METADATA_INVALID"> | MlforgeError<"LAYOUT_UNSUPPORTED">;
}

/** The versions of a feature, lowest first. */
export interface ListedVersions {
  readonly versions: readonly VersionMetadata[];
  readonly broken: readonly BrokenVersion[];
}

/** Returns the published versions of a feature. A claimed number without metadata is not published. */
export async function listVersions(store: Store, feature: string, signal?: AbortSignal): Promise<ListedVersions> {
  const numbers = await listNumbers(store, feature, signal);
  const found = await pMap(numbers, (version) => readOrBroken(store, feature, version, signal), {
    concurrency,
    ...(signal === undefined ? {} : { signal }),
  });
  const broken: BrokenVersion[] = [];
  const versions: VersionMetadata[] = [];
  for (const version of found) {
    if (version === undefined) continue;
    if ("error" in version) broken.push(version);
    else versions.push(version);
  }
  return { versions, broken };
}

async function readOrBroken(
  store: Store,
  feature: string,
  version: string,
  signal?: AbortSignal,
): Promise<VersionMetadata | BrokenVersion | undefined> {
  try {
    return await readMetadata(store, feature, version, signal);
  } catch (error) {
    if (isMlforgeError(error, "METADATA_INVALID", "LAYOUT_UNSUPPORTED")) return { version, error };
    throw error;
  }
}

/** Returns the version numbers that have a folder, lowest first. Each is published, being published, or abandoned. */
async function listNumbers(store: Store, feature: string, signal?: AbortSignal): Promise<string[]> {
  const numbers: string[] = [];
  const prefix = featurePrefix(feature);
  for await (const entry of store.list(prefix, { depth: "children", signal })) {
    if (entry.kind !== "prefix") continue;
    const name = entry.prefix.slice(prefix.length, -1);
    if (isVersion(name)) numbers.push(name);
  }
  return numbers.sort(compareVersions);
}

/**
 * Returns the metadata of the requested version: `latest`, a number, or a range such as `^1.0`.
 *
 * Takes two requests for `latest` and one for a number. A range lists the numbers and reads the metadata of matching ones, highest first, up to the
 * first that is published.
 *
 * @throws VERSION_NOT_FOUND, VERSION_INVALID, METADATA_INVALID if the metadata of the requested version is invalid
 */
export async function resolveVersion(store: Store, feature: string, wanted: string, signal?: AbortSignal): Promise<VersionMetadata> {
  for (const version of await candidates(store, feature, wanted, signal)) {
    const metadata = await readMetadata(store, feature, version, signal);
    if (metadata !== undefined) return metadata;
    // The pointer may have moved after it was read, and the version may have been pruned.
    if (wanted === "latest" && (await readPointer(store, feature, signal))?.value.version !== version) {
      return resolveVersion(store, feature, wanted, signal);
    }
  }
  throw await versionNotFound(store, feature, wanted, signal);
}

/** Returns the error for a version that is not published. It lists the known versions, or says that the version was pruned. */
export async function versionNotFound(
  store: Store,
  feature: string,
  wanted: string,
  signal?: AbortSignal,
): Promise<MlforgeError<"VERSION_NOT_FOUND">> {
  const pruned = await isPruned(store, feature, wanted, signal);
  const { versions } = await listVersions(store, feature, signal);
  const available = versions.map((found) => found.version);
  const hint = available.length === 0 ? "it was never built; build it first" : `known versions: ${available.slice(-5).join(", ")}`;
  const message = pruned
    ? `version ${wanted} of feature "${feature}" was pruned; ${hint}`
    : `no version of feature "${feature}" is ${wanted}; ${hint}`;
  return new MlforgeError("VERSION_NOT_FOUND", message, { feature, version: wanted, available });
}

/** Returns true if the number of a version was retired. Returns false if the pointer cannot be read. */
export async function isPruned(store: Store, feature: string, wanted: string, signal?: AbortSignal): Promise<boolean> {
  if (!isVersion(wanted)) return false;
  try {
    return (await readPointer(store, feature, signal))?.value.pruned?.includes(wanted) === true;
  } catch (error) {
    // The pointer of another version must not hide that this one is missing.
    if (isMlforgeError(error, "METADATA_INVALID", "LAYOUT_UNSUPPORTED")) return false;
    throw error;
  }
}

/** Returns the numbers that the request can mean, best first. */
async function candidates(store: Store, feature: string, wanted: string, signal?: AbortSignal): Promise<readonly string[]> {
  if (wanted === "latest") {
    const pointer = await readPointer(store, feature, signal);
    return pointer === undefined ? [] : [pointer.value.version];
  }
  if (isVersion(wanted)) return [wanted];
  expectRange(wanted);
  const numbers = await listNumbers(store, feature, signal);
  return numbers.filter((number) => semverSatisfies(number, wanted)).reverse();
}

/** Checks that the request is a range. @throws VERSION_INVALID */
function expectRange(wanted: string): void {
  // Without a digit it is a wildcard, for example an "x" typed by mistake.
  if (/\d/.test(wanted) && semverValidRange(wanted) !== null) return;
  throw new MlforgeError("VERSION_INVALID", `"${wanted}" is neither a version such as 2.0.0, a range such as ^2.0, nor "latest"`, {
    version: wanted,
  });
}

/** Returns a function that tells if a number or a range includes a version. @throws VERSION_INVALID */
export function admits(wanted: string): (version: string) => boolean {
  if (isVersion(wanted)) return (version) => version === wanted;
  expectRange(wanted);
  return (version) => semverSatisfies(version, wanted);
}
