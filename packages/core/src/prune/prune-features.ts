import { isMlforgeError, type Leftover, MlforgeError } from "@mlforge/spec";
import { eachFeature, type Settled } from "../compute/each-feature.js";
import type { FailedFeature } from "../compute/failed-feature.js";
import type { AnyFeature } from "../define/any-feature.js";
import { parseDuration } from "../define/duration.js";
import { expectSameClock } from "../log/check-clock.js";
import { type PrunedFeature, pruneFeature } from "../log/prune.js";
import { admits } from "../log/versions.js";
import { readLock } from "../read/read-lock.js";
import { splitReference } from "../read/reference.js";
import type { BuildContext } from "../sources/context.js";
import { type PrunedLeftover, pruneLeftovers } from "./prune-leftovers.js";

export interface PruneLimits {
  /** The number of highest versions of each feature to keep, regardless of their age. Defaults to 5. */
  readonly keep?: number | undefined;
  /** Keeps versions published within this duration, such as `12h`. Fails if the clocks of this machine and the store differ. Defaults to `30d`. */
  readonly olderThan?: string | undefined;
  /** Versions to keep: `name@1.0.0`, or all versions in a range, `name@^1.0`. Defaults to none. */
  readonly pinned?: readonly string[] | undefined;
  /** The local paths of lock files of training sets. The versions that they name are kept. Defaults to none. */
  readonly locks?: readonly string[] | undefined;
  /** If true, only returns what would be removed. Defaults to true. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called when a feature is done. */
  readonly onProgress?: ((progress: PruneProgress) => void) | undefined;
}

/** The progress of a prune. */
export interface PruneProgress {
  readonly feature: string;
  /** The number of features that are done, out of `count`. */
  readonly done: number;
  readonly count: number;
}

/** The result of a prune, or what it would be with `dryRun`. */
export interface PruneResult {
  readonly dryRun: boolean;
  readonly features: readonly PrunedFeature[];
  /** Some files of these features may remain. The next prune removes them. */
  readonly failed: readonly FailedFeature[];
  /** Leftovers of killed processes. Empty if only some features were pruned. */
  readonly leftovers: readonly PrunedLeftover[];
}

/** The maximum number of features to prune concurrently. */
const concurrency = 4;

/**
 * Prunes features, and removes what `findLeftovers` finds. Records a failure and continues with the other features. An abort stops all of them.
 * @throws USAGE_INVALID, NAME_UNKNOWN, VERSION_INVALID, LOCK_MISMATCH, CLOCK_SKEWED
 */
export async function pruneFeatures(
  features: readonly AnyFeature[],
  resolve: (name: string) => AnyFeature,
  context: BuildContext,
  findLeftovers: () => Promise<readonly Leftover[]>,
  limits: PruneLimits,
): Promise<PruneResult> {
  const { keep = 5, olderThan = "30d", pinned = [], locks = [], dryRun = true, signal, onProgress } = limits;
  if (!Number.isSafeInteger(keep) || keep < 0) throw usage("keep", `keep must be a number of versions, at least 0, got ${keep}`);
  const pins = pinned.map((pin) => parsePin(pin, resolve));
  const locked = await lockedVersions(locks, signal);
  const age = millisecondsOf(olderThan);
  await expectSameClock(context.store, context.now, { signal });
  // The first write to a store can remove some leftovers, so they are listed before it.
  const leftovers = await findLeftovers();
  const now = context.now();
  const shared = { keep, olderThan: age, now: now.getTime() };
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
    leftovers: await pruneLeftovers(leftovers, dryRun, signal),
  };
}

function parsePin(
  pin: string,
  resolve: (name: string) => AnyFeature,
): { readonly name: string; readonly admits: (version: string) => boolean } {
  const { name, version } = splitReference(pin);
  if (version === undefined) throw usage("pinned", `"${pin}" does not pin a version; use ${pin}@1.0.0, or a range such as ${pin}@^1.0`);
  return { name: resolve(name).name, admits: admits(version) };
}

async function lockedVersions(paths: readonly string[], signal: AbortSignal | undefined): Promise<ReadonlySet<string>> {
  const locked = new Set<string>();
  for (const path of paths) {
    signal?.throwIfAborted();
    const lock = await readLock(path);
    if (lock === undefined)
      throw usage("locks", `the lock file "${path}" does not exist; correct the path, because the versions that it pins would be removed`);
    for (const { feature, version } of lock.features) locked.add(`${feature}@${version}`);
  }
  return locked;
}

function millisecondsOf(duration: string): number {
  // No length of time for windows, but a wish to keep nothing for its age.
  if (/^0[smhdw]$/.test(duration)) return 0;
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
