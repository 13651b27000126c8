import { isMlforgeError, type Store } from "@mlforge/spec";
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
  | { readonly moved: false; readonly latest: string; readonly because: "newer" | "rolled back" };

/**
 * Makes a built version the latest, unless a higher one is, or somebody has rolled back since `seenSeq`.
 *
 * A compare-and-swap: on a conflict the new state is read and the decision made again. Our own move whose reply was lost is found in the history.
 */
export async function movePointer(
  store: Store,
  feature: string,
  move: Omit<Move, "seq">,
  seenSeq: number,
  signal?: AbortSignal,
): Promise<MoveOutcome> {
  for (;;) {
    const outcome = await attempt(() => tryMove(store, feature, move, seenSeq, signal), signal);
    if (outcome !== "conflict") return outcome;
  }
}

async function tryMove(
  store: Store,
  feature: string,
  move: Omit<Move, "seq">,
  seenSeq: number,
  signal?: AbortSignal,
): Promise<MoveOutcome | "conflict"> {
  const current = await readPointer(store, feature, signal);
  if (current !== undefined) {
    const { version, history } = current.value;
    const ours = history.some((past) => past.commit_id === move.commit_id && past.version === move.version);
    if (ours || version === move.version) return { moved: true };
    if (history.some((past) => past.seq > seenSeq && past.kind === "rollback"))
      return { moved: false, latest: version, because: "rolled back" };
    if (compareVersions(version, move.version) > 0) return { moved: false, latest: version, because: "newer" };
  }
  const seq = (current?.value.seq ?? 0) + 1;
  const history = [{ ...move, seq }, ...(current?.value.history ?? [])].slice(0, maxHistory);
  const body = encodeDocument({ version: move.version, seq, history } satisfies Pointer);
  try {
    await store.put(pointerKey(feature), body, {
      condition: current === undefined ? { kind: "ifAbsent" } : { kind: "ifMatch", etag: current.etag },
      signal,
    });
    return { moved: true };
  } catch (error) {
    if (isMlforgeError(error, "STORE_CONFLICT")) return "conflict";
    throw error;
  }
}
