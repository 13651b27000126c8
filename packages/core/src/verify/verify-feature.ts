import type { ObjectInfo } from "@mlforge/spec";
import pMap from "p-map";
import type { Pointer } from "../log/pointer.js";
import type { DataReader } from "./data-reader.js";
import { type FeatureParts, partsOf } from "./feature-parts.js";
import { Findings } from "./findings.js";
import type { VerifyRun } from "./run.js";
import { objectsOf } from "./store-entries.js";
import { strayObject } from "./verify-data.js";
import { verifyGitignore } from "./verify-gitignore.js";
import { promisedVersions, verifyPointer } from "./verify-pointer.js";
import { lostMetadata, type Standing, verifyVersion } from "./verify-version.js";

/** The findings about one feature. */
export interface FeatureOutcome {
  readonly findings: Findings;
  /** The number of versions that have metadata. */
  readonly versions: number;
  /** True if it has a version, a claim, or a pointer. Otherwise it is a folder of stray objects. */
  readonly isFeature: boolean;
  readonly objects: readonly ObjectInfo[];
}

/** How often to verify a feature whose objects keep changing. */
const maxLooks = 5;

/**
 * Verifies everything in a feature.
 *
 * A build that publishes at the same time can look like a problem. If there are problems, the feature is listed again, and if the listing has
 * changed, it is verified again.
 */
export async function verifyFeature(
  run: VerifyRun,
  feature: string,
  listed: readonly ObjectInfo[],
  reader: DataReader,
): Promise<FeatureOutcome> {
  let objects = listed;
  for (let look = 1; ; look++) {
    const outcome = await lookAt(run, feature, objects, reader);
    if (outcome.findings.problems.length === 0 || look === maxLooks) return outcome;
    const now = await objectsOf(run.store, feature, run.signal);
    if (stateOf(now) === stateOf(objects)) return outcome;
    objects = now;
  }
}

function stateOf(objects: readonly ObjectInfo[]): string {
  return JSON.stringify(objects.map(({ key, size, etag }) => [key, size, etag]));
}

/** The maximum number of documents to read concurrently in one feature. */
const concurrency = 8;

async function lookAt(run: VerifyRun, feature: string, objects: readonly ObjectInfo[], reader: DataReader): Promise<FeatureOutcome> {
  const findings = new Findings();
  const parts = partsOf(feature, objects);
  const pointer = await verifyPointer(run, feature, parts, findings);
  await verifyGitignore(run, feature, parts, findings);
  const promised = new Set(promisedVersions(pointer));
  const standing = (version: string): Standing => (promised.has(version) ? "promised" : isPruned(pointer, version) ? "pruned" : "unknown");
  const published = parts.versions.filter(({ metadata }) => metadata !== undefined).map(({ version }) => version);
  await pMap(parts.versions, (version) => verifyVersion(run, feature, version, standing(version.version), published, reader, findings), {
    concurrency,
    ...(run.signal === undefined ? {} : { signal: run.signal }),
  });
  for (const { version } of parts.versions) promised.delete(version);
  for (const version of promised) lostMetadata(findings, feature, version);
  for (const info of parts.strays) strayObject(findings, feature, info, "features have no file with this name");
  return { findings, versions: published.length, isFeature: hasFeature(parts), objects };
}

function isPruned(pointer: Pointer | undefined, version: string): boolean {
  return pointer?.pruned?.includes(version) === true;
}

function hasFeature({ pointer, versions }: FeatureParts): boolean {
  return pointer !== undefined || versions.some(({ metadata, claim }) => metadata !== undefined || claim !== undefined);
}
