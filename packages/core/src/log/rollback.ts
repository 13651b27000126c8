import { isMlforgeError, MlforgeError } from "@mlforge/spec";
import { expectData } from "./data-file.js";
import type { StoredDocument } from "./document.js";
import { readMetadata } from "./metadata.js";
import { hasMove, type Move, type Pointer, readPointer, swapPointer } from "./pointer.js";
import type { Log } from "./publish.js";
import { isPruned, versionNotFound } from "./versions.js";

/** What a rollback is asked to do. */
export interface RollbackRequest {
  /** A number, or the version that was latest before the present one. */
  readonly to: { readonly version: string } | "previous";
  /** Holds the feature there. Without it a hold that is there stays. */
  readonly hold: boolean;
  readonly reason: string;
  /** Finds out what would be done, and does nothing. */
  readonly dryRun: boolean;
}

/** What became of a rollback, or would with `dryRun`. */
export interface Rollback {
  readonly feature: string;
  /** The version that was latest before; undefined where there was no pointer. */
  readonly from: string | undefined;
  readonly to: string;
  /** Whether a move was recorded, or would be with `dryRun`: false where it was so already. */
  readonly moved: boolean;
  /** Whether nothing was done, as it was asked. */
  readonly dryRun: boolean;
  /** Whether builds now publish without making their version latest. */
  readonly held: boolean;
}

/**
 * Makes a published version the latest, by compare-and-swap. `docs/commit-protocol.md` tells why that is safe.
 *
 * Where somebody moved the pointer meanwhile, the decision is made again; `previous` then would mean another version, and ends.
 *
 * @throws VERSION_NOT_FOUND, METADATA_INVALID, DATA_CORRUPT, POINTER_MOVED
 */
export async function rollBack(log: Log, request: RollbackRequest): Promise<Rollback> {
  const { store, feature, committer, signal } = log;
  const { commitId, by, at } = committer;
  let current = await readPointer(store, feature, signal);
  for (;;) {
    const to = await targetOf(log, request, current?.value);
    const from = current?.value.version;
    const wasHeld = current?.value.held === true;
    const held = wasHeld || request.hold;
    const moved = from !== to || held !== wasHeld;
    const outcome = { feature, from, to, moved, held, dryRun: request.dryRun };
    if (request.dryRun || !moved) return outcome;
    const kind: Move["kind"] = from === to ? "hold" : "rollback";
    const move = { version: to, kind, at, by, reason: request.reason, commit_id: commitId };
    if ((await swapPointer(store, feature, current, { move, held }, signal)) !== undefined) return outcome;
    const now = await readPointer(store, feature, signal);
    if (now !== undefined && hasMove(now.value, move)) return outcome;
    if (request.to === "previous") expectSamePlace(log, current, now);
    current = now;
  }
}

async function targetOf(log: Log, { to }: RollbackRequest, pointer: Pointer | undefined): Promise<string> {
  const { store, feature, signal } = log;
  const version = to === "previous" ? previousVersion(feature, pointer) : to.version;
  // After a prune that was interrupted its metadata may still be there.
  if (pointer?.pruned?.includes(version) === true) throw await versionNotFound(store, feature, version, signal);
  // To hold what is latest nothing has to be there: a Git clone has no data.
  if (pointer?.version === version) return version;
  const metadata = await readMetadata(store, feature, version, signal);
  if (metadata === undefined) throw await versionNotFound(store, feature, version, signal);
  try {
    await expectData(store, metadata, signal);
  } catch (error) {
    if (isMlforgeError(error, "DATA_CORRUPT") && (await isPruned(store, feature, version, signal))) {
      throw await versionNotFound(store, feature, version, signal);
    }
    throw error;
  }
  return version;
}

/** The version that was latest before the present one came to be. */
function previousVersion(feature: string, pointer: Pointer | undefined): string {
  const previous = pointer?.history.find((move) => move.version !== pointer.version)?.version;
  if (previous !== undefined) return previous;
  const why =
    pointer === undefined ? "none of its versions is latest" : `its history knows no version that was latest before ${pointer.version}`;
  throw new MlforgeError("VERSION_NOT_FOUND", `feature "${feature}" has no previous version: ${why}; name the version to roll back to`, {
    feature,
    version: "previous",
    available: [],
  });
}

/** Holds, releases and prunes leave the version where it is, and so what was before it. @throws POINTER_MOVED */
function expectSamePlace({ feature }: Log, seen: StoredDocument<Pointer> | undefined, now: StoredDocument<Pointer> | undefined): void {
  const seq = seen?.value.seq ?? 0;
  const between = now?.value.history.filter((move) => move.seq > seq) ?? [];
  if (now !== undefined && between.length === now.value.seq - seq && !between.some(({ kind }) => kind === "build" || kind === "rollback"))
    return;
  const from = seen?.value.version;
  const to = now?.value.version;
  const [by] = between;
  const who = by === undefined ? "somebody" : by.by;
  throw new MlforgeError(
    "POINTER_MOVED",
    `${who} moved feature "${feature}" from ${from ?? "no version"} to ${to ?? "no version"} meanwhile, so that the previous version is another one now; ` +
      "look at mlforge log, and name the version to roll back to",
    { feature, from, to },
  );
}
