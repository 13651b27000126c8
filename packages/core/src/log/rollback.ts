import { isMlforgeError, MlforgeError } from "@mlforge/spec";
import { expectData } from "./data-file.js";
import type { StoredDocument } from "./document.js";
import { readMetadata } from "./metadata.js";
import { hasMove, type Move, type Pointer, readPointer, swapPointer } from "./pointer.js";
import type { Log } from "./publish.js";
import { isPruned, versionNotFound } from "./versions.js";

/** Options of a rollback. */
export interface RollbackRequest {
  /** A version number, or `previous` for the version that was latest before the current one. */
  readonly to: { readonly version: string } | "previous";
  /** If true, holds the feature at that version. If false, keeps an existing hold. */
  readonly hold: boolean;
  readonly reason: string;
  /** If true, returns what would be done and changes nothing. */
  readonly dryRun: boolean;
}

/** The result of a rollback, or what it would be with `dryRun`. */
export interface Rollback {
  readonly feature: string;
  /** The version that was latest before. Undefined if there was no pointer. */
  readonly from: string | undefined;
  readonly to: string;
  /** True if a move was recorded, or would be with `dryRun`. False if the version and the hold were already as requested. */
  readonly moved: boolean;
  /** True if nothing was changed because `dryRun` was set. */
  readonly dryRun: boolean;
  /** True if builds now publish versions without making them latest. */
  readonly held: boolean;
}

/**
 * Makes a published version the latest, using compare-and-swap. `docs/commit-protocol.md` explains why this is safe.
 *
 * If somebody moved the pointer in between, decides again, except that `previous` would then mean another version and fails.
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
  // An interrupted prune may have left its metadata.
  if (pointer?.pruned?.includes(version) === true) throw await versionNotFound(store, feature, version, signal);
  // Holding the latest version requires no files: a Git clone has no data.
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

/** Returns the version that was latest before the current one. */
function previousVersion(feature: string, pointer: Pointer | undefined): string {
  const previous = pointer?.history.find((move) => move.version !== pointer.version)?.version;
  if (previous !== undefined) return previous;
  const why =
    pointer === undefined ? "none of its versions is latest" : `its history contains no version that was latest before ${pointer.version}`;
  throw new MlforgeError("VERSION_NOT_FOUND", `feature "${feature}" has no previous version: ${why}; pass the version to roll back to`, {
    feature,
    version: "previous",
    available: [],
  });
}

/** Checks that the version has not moved. Holds, releases, and prunes keep the version, and therefore also the previous one. @throws POINTER_MOVED */
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
    `${who} moved feature "${feature}" from ${from ?? "no version"} to ${to ?? "no version"} in between, which changes the previous version; ` +
      "check mlforge log, and pass the version to roll back to",
    { feature, from, to },
  );
}
