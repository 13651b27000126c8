import { hasMove, readPointer, swapPointer } from "./pointer.js";
import type { Log } from "./publish.js";
import { versionNotFound } from "./versions.js";

/** The result of a release. */
export interface Release {
  readonly feature: string;
  /** The latest version. It stays latest until a build or a rollback moves the pointer. */
  readonly version: string;
  /** False if the feature was not held. */
  readonly released: boolean;
}

/** Ends a hold: the next build makes its version latest again. @throws VERSION_NOT_FOUND if nothing was ever built */
export async function release(log: Log, reason: string): Promise<Release> {
  const { store, feature, committer, signal } = log;
  const { commitId, by, at } = committer;
  let current = await readPointer(store, feature, signal);
  for (;;) {
    if (current === undefined) throw await versionNotFound(store, feature, "latest", signal);
    const { version, held } = current.value;
    if (held !== true) return { feature, version, released: false };
    const move = { version, kind: "release" as const, at, by, reason, commit_id: commitId };
    if ((await swapPointer(store, feature, current, { move, held: false }, signal)) !== undefined)
      return { feature, version, released: true };
    const now = await readPointer(store, feature, signal);
    if (now !== undefined && hasMove(now.value, move)) return { feature, version, released: true };
    current = now;
  }
}
