import { isMlforgeError, MlforgeError, type PutCondition, type Store } from "@mlforge/spec";
import * as v from "valibot";
import { attempt } from "./attempt.js";
import { encodeDocument, readDocument, type StoredDocument } from "./document.js";
import { pointerKey } from "./keys.js";
import { compareVersions, isVersion } from "./version.js";

/** What a move of a pointer can be. `hold` and `release` leave the version as it is, as does `prune`, which takes numbers out of use. */
const moveKinds = ["build", "rollback", "hold", "release", "prune"] as const;

/** One move of a feature's pointer: which version it named from then on, who moved it, when and why. */
export interface Move {
  /** Counts the moves of this pointer, from 1. */
  readonly seq: number;
  readonly version: string;
  readonly kind: (typeof moveKinds)[number];
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  readonly commit_id: string;
}

/** What `_latest.json` says: the version that is latest, and the newest 1,000 moves, newest first. */
export interface Pointer {
  /** Whose pointer it is, so that one in another's place is seen. Missing in those that mlforge for Python wrote. */
  readonly feature?: string | undefined;
  readonly version: string;
  readonly seq: number;
  readonly history: readonly Move[];
  /** Whether builds publish without making their version latest, until somebody releases the feature. */
  readonly held?: boolean | undefined;
  /** The numbers whose versions were removed. They are never used again, and nothing is rolled back to them. */
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

/** How many moves a pointer remembers. */
export const maxHistory = 1_000;

/** The pointer of a feature; undefined if none of its versions was made latest yet. @throws METADATA_INVALID */
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

/** A pointer that is about to replace what was read. */
export interface PointerChange {
  readonly move: Omit<Move, "seq">;
  /** As it is unless told. */
  readonly held?: boolean | undefined;
  /** Added to those that are there. */
  readonly pruned?: readonly string[] | undefined;
}

/**
 * Replaces the pointer that was read, if it still is what it was. Gives the new one; undefined on a conflict, which may be our own earlier
 * success whose reply was lost: then the move's commit id is in the history.
 */
export async function swapPointer(
  store: Store,
  feature: string,
  current: StoredDocument<Pointer> | undefined,
  { move, held = current?.value.held, pruned = [] }: PointerChange,
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
  try {
    await attempt(() => store.put(pointerKey(feature), encodeDocument(next), { condition, signal }), signal);
    return next;
  } catch (error) {
    if (isMlforgeError(error, "STORE_CONFLICT")) return undefined;
    throw error;
  }
}

/** Whether a move is in the history of a pointer. */
export function hasMove({ history }: Pointer, { commit_id, kind, version }: Omit<Move, "seq">): boolean {
  return history.some((past) => past.commit_id === commit_id && past.kind === kind && past.version === version);
}

export type MoveOutcome =
  | { readonly moved: true }
  /**
   * `newer`: a higher version is latest. `rolled back`: somebody rolled back while the build ran. `held`: somebody holds it where it is.
   * `pruned`: the number was taken out of use meanwhile, and its files are being removed.
   */
  | { readonly moved: false; readonly latest: string; readonly because: "newer" | "rolled back" | "held" | "pruned" }
  /** There is a pointer, and it may not be read, so that it cannot be told whether to move it. */
  | { readonly moved: false; readonly because: "unreadable" };

/**
 * Makes a built version the latest, unless a higher one is, somebody has rolled back since `seen`, or the pointer is held.
 *
 * A compare-and-swap on the state the build saw: on a conflict the new state is read and the decision made again. Our own move
 * whose reply was lost is found in the history.
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
    // What the build saw when it began may be over: somebody may have released the feature, or pruned the number.
    if (stay !== undefined && (stay.moved || isFresh)) return stay;
    if (stay === undefined && (await swapPointer(store, feature, current, { move }, signal)) !== undefined) return { moved: true };
    if (unreadable) return { moved: false, because: "unreadable" };
    current = await readPointer(store, feature, signal);
  }
}

/** What keeps a version from being made latest: something else, or that it is so already. */
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
