import { isMlforgeError, type PutCondition, type Store } from "@mlforge/spec";
import * as v from "valibot";
import { attempt } from "./attempt.js";
import { encodeDocument, readDocument, type StoredDocument } from "./document.js";
import { pointerKey } from "./keys.js";
import { compareVersions, isVersion } from "./version.js";

/** One move of a feature's pointer: which version it named from then on, who moved it, when and why. */
export interface Move {
  /** Counts the moves of this pointer, from 1. */
  readonly seq: number;
  readonly version: string;
  readonly kind: "build" | "rollback";
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  readonly commit_id: string;
}

/** What `_latest.json` says: the version that is latest, and the newest 1,000 moves, newest first. */
export interface Pointer {
  readonly version: string;
  readonly seq: number;
  readonly history: readonly Move[];
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const version = v.pipe(v.string(), v.check(isVersion, "is not X.Y.Z"));
const pointerSchema: v.GenericSchema<unknown, Pointer> = v.object({
  version,
  seq: v.optional(count, 0),
  history: v.optional(
    v.array(
      v.object({
        seq: count,
        version,
        kind: v.picklist(["build", "rollback"]),
        at: v.string(),
        by: v.string(),
        reason: v.string(),
        commit_id: v.string(),
      }),
    ),
    [],
  ),
});

const maxHistory = 1_000;

/** The pointer of a feature; undefined if none of its versions was made latest yet. @throws METADATA_INVALID */
export function readPointer(store: Store, feature: string, signal?: AbortSignal): Promise<StoredDocument<Pointer> | undefined> {
  return readDocument(store, pointerKey(feature), pointerSchema, signal);
}

export type MoveOutcome =
  | { readonly moved: true }
  /** `newer`: a higher version is latest. `rolled back`: somebody rolled back while the build ran. */
  | { readonly moved: false; readonly latest: string; readonly because: "newer" | "rolled back" }
  /** There is a pointer, and it may not be read, so that it cannot be told whether to move it. */
  | { readonly moved: false; readonly because: "unreadable" };

/**
 * Makes a built version the latest, unless a higher one is, or somebody has rolled back since `seen`.
 *
 * A compare-and-swap on the state the build saw: on a conflict the new state is read and the decision made again. Our own move
 * whose reply was lost is found in the history.
 */
export async function movePointer(
  store: Store,
  feature: string,
  move: Omit<Move, "seq">,
  { pointer: seen, blind }: { readonly pointer: StoredDocument<Pointer> | undefined; readonly blind: boolean },
  signal?: AbortSignal,
): Promise<MoveOutcome> {
  let current = seen;
  for (;;) {
    const stay = reasonToStay(current?.value, move, seen?.value.seq ?? 0);
    if (stay !== undefined) return stay;
    if (await swap(store, feature, current, move, signal)) return { moved: true };
    if (blind) return { moved: false, because: "unreadable" };
    current = await readPointer(store, feature, signal);
  }
}

function reasonToStay(current: Pointer | undefined, move: Omit<Move, "seq">, seenSeq: number): MoveOutcome | undefined {
  if (current === undefined) return undefined;
  const { version, history } = current;
  if (version === move.version || history.some((past) => past.commit_id === move.commit_id && past.version === move.version))
    return { moved: true };
  if (history.some((past) => past.seq > seenSeq && past.kind === "rollback"))
    return { moved: false, latest: version, because: "rolled back" };
  return compareVersions(version, move.version) > 0 ? { moved: false, latest: version, because: "newer" } : undefined;
}

/** Whether the pointer went from `current` to the move. Repeated while the store is unavailable; a lost reply then shows as a conflict. */
async function swap(
  store: Store,
  feature: string,
  current: StoredDocument<Pointer> | undefined,
  move: Omit<Move, "seq">,
  signal?: AbortSignal,
): Promise<boolean> {
  const seq = (current?.value.seq ?? 0) + 1;
  const history = [{ ...move, seq }, ...(current?.value.history ?? [])].slice(0, maxHistory);
  const body = encodeDocument({ version: move.version, seq, history } satisfies Pointer);
  const condition: PutCondition = current === undefined ? { kind: "ifAbsent" } : { kind: "ifMatch", etag: current.etag };
  try {
    await attempt(() => store.put(pointerKey(feature), body, { condition, signal }), signal);
    return true;
  } catch (error) {
    if (isMlforgeError(error, "STORE_CONFLICT")) return false;
    throw error;
  }
}
