import pMap from "p-map";
import { attempt } from "./attempt.js";
import { claimVersion } from "./claim.js";
import { metadataKey } from "./keys.js";
import { hasMove, readPointer, swapPointer } from "./pointer.js";
import { type PrunePlan, type PruneRules, planPrune, type Removal } from "./prune-plan.js";
import type { Log } from "./publish.js";
import { type NumberFiles, storedNumbers } from "./stored-numbers.js";

/** What a prune removed of a feature, or would remove. */
export interface PrunedFeature extends PrunePlan {
  readonly feature: string;
  /** Undefined where no version is latest: then nobody can say what is in use, and the feature is left alone. */
  readonly latest: string | undefined;
}

/** Versions whose files are removed at once. */
const concurrency = 8;

/**
 * Removes the versions of a feature that nothing keeps, and what builds that died have left. `docs/commit-protocol.md` tells why that is safe.
 *
 * First their numbers are taken out of use by a move of the pointer, then metadata goes and then data. Claims stay.
 */
export async function pruneFeature(log: Log, rules: PruneRules, dryRun: boolean): Promise<PrunedFeature> {
  const { store, feature, committer, signal } = log;
  const { commitId, by, at } = committer;
  for (;;) {
    const pointer = await readPointer(store, feature, signal);
    if (pointer === undefined) return { feature, latest: undefined, removed: [], kept: [] };
    const { version, pruned = [] } = pointer.value;
    const numbers = await storedNumbers(store, feature, pruned, signal);
    const plan = planPrune(numbers, pointer.value, rules);
    const result = { feature, latest: version, ...plan };
    if (dryRun) return result;
    const fresh = plan.removed.filter(({ because }) => because !== "unfinished");
    if (fresh.length > 0) {
      const move = { version, kind: "prune" as const, at, by, reason: reasonOf(fresh), commit_id: commitId };
      const change = { move, pruned: fresh.map((removal) => removal.version) };
      if ((await swapPointer(store, feature, pointer, change, signal)) === undefined) {
        const now = await readPointer(store, feature, signal);
        if (now === undefined || !hasMove(now.value, move)) continue;
      }
    }
    const found = new Map(numbers.map((number) => [number.version, number]));
    await pMap(plan.removed, (removal) => removeFiles(log, found.get(removal.version)), {
      concurrency,
      ...(signal === undefined ? {} : { signal }),
    });
    return result;
  }
}

async function removeFiles(log: Log, number: NumberFiles | undefined): Promise<void> {
  if (number === undefined) return;
  const { store, feature, committer, signal } = log;
  const { version, hasClaim, dataKeys } = number;
  // A Git clone has metadata without claims, and the number must stay taken.
  if (!hasClaim) await claimVersion(store, { feature, version }, committer, signal);
  for (const key of [metadataKey(feature, version), ...dataKeys]) await attempt(() => store.delete(key, { signal }), signal);
}

/** How many numbers the history names; `pruned` has all. */
const maxNamed = 10;

function reasonOf(removed: readonly Removal[]): string {
  const named = removed.slice(0, maxNamed).map(({ version, because }) => (because === "abandoned" ? `${version} (abandoned)` : version));
  const more = removed.length > maxNamed ? ` and ${removed.length - maxNamed} more` : "";
  return `removed ${named.join(", ")}${more}`;
}
