import { compareVersions } from "./version.js";

/** Why a version stays: each that holds. `unreadable`: its metadata cannot be read or says no date, so that its age is unknown. */
export type KeepReason = "latest" | "newest" | "recent" | "pinned" | "locked" | "unreadable";

/**
 * Why files go. `old`: a version that nothing keeps. `abandoned`: what a build that died has left under its claim. `unfinished`: what an
 * earlier prune had begun to remove.
 */
export type RemovalReason = "old" | "abandoned" | "unfinished";

/** What lies under a version number of a store. */
export interface StoredNumber {
  readonly version: string;
  readonly state: "published" | "unreadable" | "claimed";
  /** Milliseconds since the Unix epoch: when the version was published, of a claim when something was last written under it. */
  readonly at: number;
  /** Bytes that removing it frees; the claim stays. */
  readonly bytes: number;
  /** Whether there is anything to remove. */
  readonly hasFiles: boolean;
}

/** What a prune keeps. */
export interface PruneRules {
  /** How many of the highest versions stay, whatever their age. */
  readonly keep: number;
  /** Milliseconds; what is not older stays. */
  readonly olderThan: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly isPinned: (version: string) => boolean;
  readonly isLocked: (version: string) => boolean;
}

export interface Removal {
  readonly version: string;
  readonly because: RemovalReason;
  /** Bytes. */
  readonly bytes: number;
}

export interface Kept {
  readonly version: string;
  /** Never empty. */
  readonly because: readonly KeepReason[];
}

/** What a prune removes and what it keeps, each lowest version first. */
export interface PrunePlan {
  readonly removed: readonly Removal[];
  readonly kept: readonly Kept[];
}

/** A build that takes longer than this is taken for dead: milliseconds. */
const leastGrace = 24 * 60 * 60 * 1_000;

/** Decides for each number of a feature. `latest` and `pruned` are those of its pointer. */
export function planPrune(
  numbers: readonly StoredNumber[],
  { version: latest, pruned = [] }: { readonly version: string; readonly pruned?: readonly string[] | undefined },
  rules: PruneRules,
): PrunePlan {
  const gone = new Set(pruned.filter((version) => version !== latest));
  const sorted = [...numbers].sort((a, b) => compareVersions(a.version, b.version));
  const published = sorted.filter(({ version, state }) => state === "published" && !gone.has(version));
  const newest = new Set(published.slice(Math.max(0, published.length - rules.keep)).map(({ version }) => version));
  const removed: Removal[] = [];
  const kept: Kept[] = [];
  for (const { version, state, at, bytes, hasFiles } of sorted) {
    if (gone.has(version)) {
      if (hasFiles) removed.push({ version, because: "unfinished", bytes });
    } else if (state === "claimed") {
      const isOld = rules.now - at > Math.max(rules.olderThan, leastGrace);
      if (isOld && version !== latest) removed.push({ version, because: "abandoned", bytes });
    } else {
      const reasons: readonly (readonly [KeepReason, boolean])[] = [
        ["latest", version === latest],
        ["newest", newest.has(version)],
        ["recent", rules.now - at <= rules.olderThan],
        ["pinned", rules.isPinned(version)],
        ["locked", rules.isLocked(version)],
        ["unreadable", state === "unreadable"],
      ];
      const because = reasons.flatMap(([reason, holds]) => (holds ? [reason] : []));
      if (because.length > 0) kept.push({ version, because });
      else removed.push({ version, because: "old", bytes });
    }
  }
  return { removed, kept };
}
