import { isMlforgeError, MlforgeError } from "@mlforge/spec";
import { eachFeature, type Settled } from "../compute/each-feature.js";
import type { FailedFeature } from "../compute/failed-feature.js";
import type { AnyFeature } from "../define/any-feature.js";
import { parseDuration } from "../define/duration.js";
import { type PrunedFeature, pruneFeature } from "../log/prune.js";
import { admits } from "../log/versions.js";
import { readLock } from "../read/read-lock.js";
import { splitReference } from "../read/reference.js";
import type { BuildContext } from "../sources/context.js";

export interface PruneLimits {
  /** How many of the highest versions of each feature stay, whatever their age; 5 unless told. */
  readonly keep?: number | undefined;
  /** What was published within this time stays: a duration such as `12h`, `30d` unless told. */
  readonly olderThan?: string | undefined;
  /** Versions that stay: `name@1.0.0`, or all that a range admits, `name@^1.0`. */
  readonly pinned?: readonly string[] | undefined;
  /** The paths of lock files of training sets, on this machine; the versions that they name stay. */
  readonly locks?: readonly string[] | undefined;
  /** Only finds out what would be removed. True unless told. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called as each feature is done. */
  readonly onProgress?: ((progress: PruneProgress) => void) | undefined;
}

/** How far a prune is. */
export interface PruneProgress {
  readonly feature: string;
  /** How many features are done, of `count`. */
  readonly done: number;
  readonly count: number;
}

/** What a prune removed and kept, or would with `dryRun`. */
export interface PruneResult {
  readonly dryRun: boolean;
  readonly features: readonly PrunedFeature[];
  /** Of these some of what should go may be left; the next prune removes it. */
  readonly failed: readonly FailedFeature[];
}

/** Features pruned at once. */
const concurrency = 4;

/** Prunes features. A failure is recorded and the others go on; an abort ends it. @throws USAGE_INVALID, NAME_UNKNOWN, VERSION_INVALID, LOCK_MISMATCH */
export async function pruneFeatures(
  features: readonly AnyFeature[],
  resolve: (name: string) => AnyFeature,
  context: BuildContext,
  limits: PruneLimits,
): Promise<PruneResult> {
  const { keep = 5, olderThan = "30d", pinned = [], locks = [], dryRun = true, signal, onProgress } = limits;
  if (!Number.isSafeInteger(keep) || keep < 0) throw usage("keep", `keep is ${keep}; give a number of versions, from 0`);
  const pins = pinned.map((pin) => parsePin(pin, resolve));
  const locked = await lockedVersions(locks, signal);
  const now = context.now();
  const shared = { keep, olderThan: millisecondsOf(olderThan), now: now.getTime() };
  const prune = ({ name }: AnyFeature): Promise<PrunedFeature> => {
    const committer = { commitId: context.newId(), by: context.by, at: now.toISOString() };
    const isPinned = (version: string): boolean => pins.some((pin) => pin.name === name && pin.admits(version));
    const isLocked = (version: string): boolean => locked.has(`${name}@${version}`);
    return pruneFeature({ store: context.store, feature: name, committer, signal }, { ...shared, isPinned, isLocked }, dryRun);
  };
  let done = 0;
  const onSettled = (settled: Settled<PrunedFeature>): void => {
    if (settled.kind === "cancelled") return;
    done += 1;
    onProgress?.({ feature: settled.result.feature, done, count: features.length });
  };
  const settled = await eachFeature(features, prune, { concurrency, signal, onSettled });
  return {
    dryRun,
    features: settled.flatMap((each) => (each.kind === "done" ? [each.result] : [])),
    failed: settled.flatMap((each) => (each.kind === "failed" ? [each.result] : [])),
  };
}

function parsePin(
  pin: string,
  resolve: (name: string) => AnyFeature,
): { readonly name: string; readonly admits: (version: string) => boolean } {
  const { name, version } = splitReference(pin);
  if (version === undefined) throw usage("pinned", `"${pin}" pins no version; write ${pin}@1.0.0, or a range such as ${pin}@^1.0`);
  return { name: resolve(name).name, admits: admits(version) };
}

async function lockedVersions(paths: readonly string[], signal: AbortSignal | undefined): Promise<ReadonlySet<string>> {
  const locked = new Set<string>();
  for (const path of paths) {
    signal?.throwIfAborted();
    const lock = await readLock(path);
    if (lock === undefined) throw usage("locks", `there is no lock file at "${path}"; correct the path, as what it holds would be removed`);
    for (const { feature, version } of lock.features) locked.add(`${feature}@${version}`);
  }
  return locked;
}

function millisecondsOf(duration: string): number {
  try {
    return Number(parseDuration(duration) / 1_000n);
  } catch (error) {
    if (!isMlforgeError(error, "DEFINITION_INVALID")) throw error;
    throw new MlforgeError("USAGE_INVALID", error.message, { argument: "olderThan" }, { cause: error });
  }
}

function usage(argument: string, message: string): MlforgeError<"USAGE_INVALID"> {
  return new MlforgeError("USAGE_INVALID", message, { argument });
}
