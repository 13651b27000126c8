import pMap from "p-map";
import { attempt } from "./attempt.js";
import { claimVersion } from "./claim.js";
import { metadataKey } from "./keys.js";
import { hasMove, readPointer, swapPointer } from "./pointer.js";
import { type PrunePlan, type PruneRules, planPrune, type Removal } from "./prune-plan.js";
import type { Log } from "./publish.js";
import { type NumberFiles, storedNumbers } from "./stored-numbers.js";
import { compareVersions } from "./version.js";

/** The result of a prune for one feature, or what it would be with `dryRun`. */
export interface PrunedFeature extends PrunePlan {
  readonly feature: string;
  /** Undefined if no version is latest. It is then unknown which versions are in use, and nothing is removed. */
  readonly latest: string | undefined;
}

/** The number of versions to remove concurrently. */
const concurrency = 8;

/**
 * Removes the versions of a feature that no rule keeps, and the files of abandoned builds. `docs/commit-protocol.md` explains why this is safe.
 *
 * First finishes interrupted prunes, which needs no move and makes room on a full volume. Then retires the numbers with a move of the pointer, and
 * deletes the metadata, then the data. Keeps the claims.
 */
export async function pruneFeature(log: Log, rules: PruneRules, dryRun: boolean): Promise<PrunedFeature> {
  const { store, feature, committer, signal } = log;
  const { commitId, by, at } = committer;
  let finished: readonly Removal[] = [];
  for (;;) {
    const pointer = await readPointer(store, feature, signal);
    if (pointer === undefined) return { feature, latest: undefined, removed: [], kept: [] };
    const { version, pruned = [] } = pointer.value;
    const numbers = await storedNumbers(store, feature, pruned, signal);
    const { removed, kept } = planPrune(numbers, pointer.value, rules);
    const all = [...finished, ...removed].sort((a, b) => compareVersions(a.version, b.version));
    const result = { feature, latest: version, removed: all, kept };
    if (dryRun) return result;
    const found = new Map(numbers.map((number) => [number.version, number]));
    const remove = async (removals: readonly Removal[]): Promise<void> => {
      await pMap(removals, (removal) => removeFiles(log, found.get(removal.version)), {
        concurrency,
        ...(signal === undefined ? {} : { signal }),
      });
    };
    const unfinished = removed.filter(({ because }) => because === "unfinished");
    await remove(unfinished);
    finished = [...finished, ...unfinished];
    const fresh = removed.filter(({ because }) => because !== "unfinished");
    if (fresh.length > 0) {
      const move = { version, kind: "prune" as const, at, by, reason: reasonOf(fresh), commit_id: commitId };
      const change = { move, pruned: fresh.map((removal) => removal.version), useReserve: true };
      if ((await swapPointer(store, feature, pointer, change, signal)) === undefined) {
        const now = await readPointer(store, feature, signal);
        if (now === undefined || !hasMove(now.value, move)) continue;
      }
    }
    await remove(fresh);
    return result;
  }
}

async function removeFiles(log: Log, number: NumberFiles | undefined): Promise<void> {
  if (number === undefined) return;
  const { store, feature, committer, signal } = log;
  const { version, hasClaim, dataKeys } = number;
  // A Git clone has metadata without claims, and the number must stay taken.
  if (!hasClaim) await claimVersion(store, { feature, version }, committer, { useReserve: true, signal });
  for (const key of [metadataKey(feature, version), ...dataKeys]) await attempt(() => store.delete(key, { signal }), signal);
}

/** The number of versions that the history names. `pruned` contains all of them. */
const maxNamed = 10;

function reasonOf(removed: readonly Removal[]): string {
  const named = removed.slice(0, maxNamed).map(({ version, because }) => (because === "abandoned" ? `${version} (abandoned)` : version));
  const more = removed.length > maxNamed ? ` and ${removed.length - maxNamed} more` : "";
  return `removed ${named.join(", ")}${more}`;
}
