import { isMlforgeError, MlforgeError, type PutCondition, type Store } from "@mlforge/spec";
import * as v from "valibot";
import { attempt } from "./attempt.js";
import { encodeReadable, readDocument, type StoredDocument } from "./document.js";
import { pointerKey } from "./keys.js";
import { compareVersions, isVersion } from "./version.js";

/** The kinds of moves of a pointer. `hold`, `release`, and `prune` keep the version. A prune retires version numbers. */
const moveKinds = ["build", "rollback", "hold", "release", "prune"] as const;

/** One move of a feature's pointer: the version it named from then on, who moved it, when, and why. */
export interface Move {
  /** The number of this move, from 1. */
  readonly seq: number;
  readonly version: string;
  readonly kind: (typeof moveKinds)[number];
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  readonly commit_id: string;
}

/** The content of `_latest.json`: the latest version, and the newest 1,000 moves, newest first. */
export interface Pointer {
  /** The feature whose pointer it is, so that a swapped pointer is detected. Missing in pointers written by mlforge for Python. */
  readonly feature?: string | undefined;
  readonly version: string;
  readonly seq: number;
  readonly history: readonly Move[];
  /** If true, builds publish versions without making them latest, until somebody releases the feature. */
  readonly held?: boolean | undefined;
  /** The numbers of pruned versions. They are never used again, and cannot be rolled back to. */
  readonly pruned?: readonly string[] | undefined;
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const version = v.pipe(v.string(), v.check(isVersion, "is not X.Y.Z"));
export const pointerSchema: v.GenericSchema<unknown, Pointer> = v.object({
  feature: v.optional(v.string()),
  version,
  seq: v.optional(count, 0),
  history: v.optional(
    v.array(
      v.object({
        seq: count,
        version,
        kind: v.picklist(moveKinds),
        at: v.string(),
        by: v.string(),
        reason: v.string(),
        commit_id: v.string(),
      }),
    ),
    [],
  ),
  held: v.optional(v.boolean()),
  pruned: v.optional(v.array(version)),
});

/** The number of moves that a pointer keeps. */
export const maxHistory = 1_000;

/** Reads the pointer of a feature. Returns undefined if no version has become latest yet. @throws METADATA_INVALID */
export async function readPointer(store: Store, feature: string, signal?: AbortSignal): Promise<StoredDocument<Pointer> | undefined> {
  const key = pointerKey(feature);
  const found = await readDocument(store, key, pointerSchema, signal);
  if (found === undefined || (found.value.feature ?? feature) === feature) return found;
  const problem = `it is the pointer of ${found.value.feature}`;
  throw new MlforgeError("METADATA_INVALID", `"${key}" was swapped: ${problem}; restore it from Git or a backup`, {
    key,
    problems: [problem],
  });
}

/** A pointer that is about to replace the one that was read. */
export interface PointerChange {
  readonly move: Omit<Move, "seq">;
  /** Defaults to the current value. */
  readonly held?: boolean | undefined;
  /** Added to the numbers that are already pruned. */
  readonly pruned?: readonly string[] | undefined;
  /** True for a move after which files are deleted, so that it succeeds on a full volume. Defaults to false. */
  readonly useReserve?: boolean | undefined;
}

/**
 * Replaces the pointer if it is still in the state that was read, and returns the new one. Returns undefined on a conflict. The conflict can be our
 * own earlier success whose reply was lost: then the history contains the commit id of the move.
 */
export async function swapPointer(
  store: Store,
  feature: string,
  current: StoredDocument<Pointer> | undefined,
  { move, held = current?.value.held, pruned = [], useReserve }: PointerChange,
  signal?: AbortSignal,
): Promise<Pointer | undefined> {
  const seq = (current?.value.seq ?? 0) + 1;
  const history = [{ ...move, seq }, ...(current?.value.history ?? [])].slice(0, maxHistory);
  const gone = [...new Set([...(current?.value.pruned ?? []), ...pruned])].sort(compareVersions);
  const next: Pointer = {
    feature,
    version: move.version,
    seq,
    ...(held === true ? { held } : {}),
    ...(gone.length === 0 ? {} : { pruned: gone }),
    history,
  };
  const condition: PutCondition = current === undefined ? { kind: "ifAbsent" } : { kind: "ifMatch", etag: current.etag };
  const bytes = encodeReadable(pointerKey(feature), next, pointerSchema);
  try {
    await attempt(() => store.put(pointerKey(feature), bytes, { condition, useReserve, signal }), signal);
    return next;
  } catch (error) {
    if (isMlforgeError(error, "STORE_CONFLICT")) return undefined;
    throw error;
  }
}

/** Returns true if the history of a pointer contains a move. */
export function hasMove({ history }: Pointer, { commit_id, kind, version }: Omit<Move, "seq">): boolean {
  return history.some((past) => past.commit_id === commit_id && past.kind === kind && past.version === version);
}

export type MoveOutcome =
  | { readonly moved: true }
  /**
   * `newer`: a higher version is latest. `rolled back`: somebody rolled back during the build. `held`: the feature is held. `pruned`: a prune retired
   * the number during the build and is removing its files.
   */
  | { readonly moved: false; readonly latest: string; readonly because: "newer" | "rolled back" | "held" | "pruned" }
  /** The pointer exists but cannot be read, so it is unknown whether to move it. */
  | { readonly moved: false; readonly because: "unreadable" };

/**
 * Makes a built version the latest, unless a higher version is latest, somebody has rolled back since `seen`, or the pointer is held.
 *
 * Uses compare-and-swap on the state that the build saw. After a conflict, reads the new state and decides again. Finds our own move whose reply was
 * lost in the history.
 */
export async function movePointer(
  store: Store,
  feature: string,
  move: Omit<Move, "seq">,
  { pointer: seen, unreadable }: { readonly pointer: StoredDocument<Pointer> | undefined; readonly unreadable: boolean },
  signal?: AbortSignal,
): Promise<MoveOutcome> {
  let current = seen;
  for (let isFresh = false; ; isFresh = true) {
    const stay = whyNotLatest(current?.value, move, seen?.value.seq ?? 0);
    // The state that the build saw at its start can be outdated: somebody may have released the feature, or pruned the number.
    if (stay !== undefined && (stay.moved || isFresh)) return stay;
    if (stay === undefined && (await swapPointer(store, feature, current, { move }, signal)) !== undefined) return { moved: true };
    if (unreadable) return { moved: false, because: "unreadable" };
    current = await readPointer(store, feature, signal);
  }
}

/** Returns why a version cannot become latest, or that it is latest already. Returns undefined if it can. */
export function whyNotLatest(current: Pointer | undefined, move: Omit<Move, "seq">, seenSeq: number): MoveOutcome | undefined {
  if (current === undefined) return undefined;
  const { version, history, held, pruned } = current;
  if (version === move.version || hasMove(current, move)) return { moved: true };
  if (pruned?.includes(move.version) === true) return { moved: false, latest: version, because: "pruned" };
  if (history.some((past) => past.seq > seenSeq && past.kind === "rollback"))
    return { moved: false, latest: version, because: "rolled back" };
  if (held === true) return { moved: false, latest: version, because: "held" };
  return compareVersions(version, move.version) > 0 ? { moved: false, latest: version, because: "newer" } : undefined;
}
