import { compareVersions } from "./version.js";

/** Why a version is kept. All reasons that apply are listed. `unreadable`: its metadata cannot be read or has no date, so its age is unknown. */
export type KeepReason = "latest" | "newest" | "recent" | "pinned" | "locked" | "unreadable";

/**
 * Why files are removed. `old`: a version that no rule keeps. `abandoned`: files that an interrupted build left under its claim. `unfinished`: files
 * that an interrupted prune had started to remove.
 */
export type RemovalReason = "old" | "abandoned" | "unfinished";

/** The files under one version number of a store. */
export interface StoredNumber {
  readonly version: string;
  readonly state: "published" | "unreadable" | "claimed";
  /** Milliseconds since the Unix epoch: when the version was published, or for a claim, when something was last written under it. */
  readonly at: number;
  /** The number of bytes that its removal frees. The claim is kept. */
  readonly bytes: number;
  /** True if there are files to remove. */
  readonly hasFiles: boolean;
}

/** The rules for what a prune keeps. */
export interface PruneRules {
  /** The number of highest versions to keep, regardless of their age. */
  readonly keep: number;
  /** In milliseconds. Versions that are not older are kept. */
  readonly olderThan: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly isPinned: (version: string) => boolean;
  readonly isLocked: (version: string) => boolean;
}

export interface Removal {
  readonly version: string;
  readonly because: RemovalReason;
  /** Size in bytes. */
  readonly bytes: number;
}

export interface Kept {
  readonly version: string;
  /** Never empty. */
  readonly because: readonly KeepReason[];
}

/** The versions that a prune removes and keeps. Both are sorted, lowest version first. */
export interface PrunePlan {
  readonly removed: readonly Removal[];
  readonly kept: readonly Kept[];
}

/** A build that takes longer than this is considered abandoned. In milliseconds. */
const leastGrace = 24 * 60 * 60 * 1_000;

/** Decides for each number of a feature whether to remove it. `latest` and `pruned` are those of its pointer. */
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
