import { MlforgeError, type Store } from "@mlforge/spec";
import pMap from "p-map";
import semverMaxSatisfying from "semver/ranges/max-satisfying.js";
import semverValidRange from "semver/ranges/valid.js";
import { featurePrefix } from "./keys.js";
import { readMetadata, type VersionMetadata } from "./metadata.js";
import { readPointer } from "./pointer.js";
import { compareVersions, isVersion } from "./version.js";

/** Metadata files read at once while versions are listed. */
const concurrency = 16;

/** The published versions of a feature, lowest first. A claimed number without metadata is not one. */
export async function listVersions(store: Store, feature: string, signal?: AbortSignal): Promise<VersionMetadata[]> {
  const numbers = await listNumbers(store, feature, signal);
  const found = await pMap(numbers, (version) => readMetadata(store, feature, version, signal), {
    concurrency,
    ...(signal === undefined ? {} : { signal }),
  });
  return found.filter((metadata) => metadata !== undefined);
}

/** The version numbers that have a folder, lowest first; each is published, being published, or was abandoned. */
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
 * The metadata of the version a caller asks for: `latest`, a number, or a range such as `^1.0`.
 *
 * Takes two requests for `latest` and one for a number; only a range lists versions.
 *
 * @throws VERSION_NOT_FOUND, VERSION_INVALID
 */
export async function resolveVersion(store: Store, feature: string, wanted: string, signal?: AbortSignal): Promise<VersionMetadata> {
  const version = await chooseVersion(store, feature, wanted, signal);
  const metadata = version === undefined ? undefined : await readMetadata(store, feature, version, signal);
  if (metadata !== undefined) return metadata;
  const available = (await listVersions(store, feature, signal)).map((found) => found.version);
  const hint = available.length === 0 ? "it was never built; build it first" : `there are ${available.slice(-5).join(", ")}`;
  throw new MlforgeError("VERSION_NOT_FOUND", `no version of feature "${feature}" is ${wanted}; ${hint}`, {
    feature,
    version: wanted,
    available,
  });
}

async function chooseVersion(store: Store, feature: string, wanted: string, signal?: AbortSignal): Promise<string | undefined> {
  if (wanted === "latest") return (await readPointer(store, feature, signal))?.value.version;
  if (isVersion(wanted)) return wanted;
  // semver takes an empty range for any version.
  if (wanted.trim() === "" || semverValidRange(wanted) === null) {
    throw new MlforgeError("VERSION_INVALID", `"${wanted}" is neither a version such as 2.0.0, a range such as ^2.0, nor "latest"`, {
      version: wanted,
    });
  }
  const published = (await listVersions(store, feature, signal)).map((found) => found.version);
  return semverMaxSatisfying(published, wanted) ?? undefined;
}
