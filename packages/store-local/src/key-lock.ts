/**
 * Mutual exclusion on one key among all processes, which survives their being killed.
 *
 * The lock of a key is a folder, `locks/<hash of the key>`, with one empty folder in it that bears its holder's name. A contender
 * prepares such a pair of folders aside and renames the outer one into place. The file system lets exactly one succeed,
 * because a rename replaces no folder but an empty one. To free the lock is to remove the inner folder; a dead holder's is removed by whoever
 * finds it, and as no two names are alike, nobody can remove that of a newer holder by mistake.
 *
 * A holder on this host is dead when its process is gone. One on another host is taken for dead after `foreignHoldMs`; a holder that
 * has not written within `maxHoldMs` writes no more.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { MlforgeError } from "@mlforge/spec";
import { isErrno, unless } from "./errno.js";
import { type Doing, storeName } from "./local-error.js";
import { livenessOf, newOwnerName } from "./owner.js";

const maxHoldMs = 5_000;
const foreignHoldMs = 60_000;
const maxWaitMs = 90_000;
const maxPauseMs = 50;
const freshMs = 1_000;

/** The folders that locks are made of. */
export interface LockFolders {
  readonly locks: string;
  readonly temporary: string;
}

export interface KeyLock extends AsyncDisposable {
  /** To be called just before writing. @throws STORE_UNAVAILABLE if the lock was held so long that others may think it abandoned */
  checkHeld(): void;
}

/** Waits for the lock of a key. @throws STORE_UNAVAILABLE if a process that lives does not free it */
export async function lockKey(folders: LockFolders, doing: Doing, signal: AbortSignal | undefined): Promise<KeyLock> {
  const name = await newOwnerName();
  const lock = join(folders.locks, createHash("sha256").update(doing.key).digest("hex").slice(0, 32));
  const prepared = join(folders.temporary, name);
  const heldSince = await acquire(lock, prepared, name, doing, signal).catch(async (error: unknown) => {
    await rm(prepared, { recursive: true, force: true });
    throw error;
  });
  let held = true;
  return {
    checkHeld: () => {
      const heldMs = Math.round(performance.now() - heldSince);
      if (heldMs <= maxHoldMs) return;
      const message = `this process stood still for ${heldMs} ms while it held the lock of ${JSON.stringify(doing.key)}; nothing was written, try again`;
      throw new MlforgeError("STORE_UNAVAILABLE", message, { store: storeName, operation: doing.operation });
    },
    [Symbol.asyncDispose]: async () => {
      if (!held) return;
      held = false;
      await unless(["ENOENT"], rmdir(join(lock, name)));
      await unless(["ENOENT", "ENOTEMPTY", "EEXIST", "EPERM", "EBUSY"], rmdir(lock));
    },
  };
}

/** Gives the time from which the lock counts as held: that of its inner folder, by which other hosts tell its age. */
async function acquire(lock: string, prepared: string, name: string, doing: Doing, signal: AbortSignal | undefined): Promise<number> {
  const startedAt = performance.now();
  let preparedAt = Number.NEGATIVE_INFINITY;
  for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, maxPauseMs)) {
    signal?.throwIfAborted();
    if (performance.now() - preparedAt > freshMs) {
      await rm(prepared, { recursive: true, force: true });
      preparedAt = performance.now();
      await mkdir(prepared);
      await mkdir(join(prepared, name));
    }
    if (await renamed(prepared, lock)) return preparedAt;
    const holder = await findHolder(lock, prepared);
    if (holder === name) return preparedAt;
    if (holder === undefined) continue;
    if (performance.now() - startedAt > maxWaitMs) {
      const message = `the lock of ${JSON.stringify(doing.key)} in ${doing.root} is held by process ${holder.split(".")[1] ?? holder}, which does not go on; end it or try again`;
      throw new MlforgeError("STORE_UNAVAILABLE", message, { store: storeName, operation: doing.operation });
    }
    await setTimeout(Math.random() * pauseMs, undefined, { signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
  }
}

async function renamed(prepared: string, lock: string): Promise<boolean> {
  try {
    await rename(prepared, lock);
    return true;
  } catch (error) {
    // EPERM and EACCES are how Windows says that the folder exists; a folder that may not be written says it before, at mkdir.
    if (isErrno(error, "ENOTEMPTY", "EEXIST", ...(process.platform === "win32" ? ["EPERM", "EACCES"] : []))) return false;
    throw error;
  }
}

/** The name of who holds the lock; undefined if it is free now. Frees it of the dead. */
async function findHolder(lock: string, prepared: string): Promise<string | undefined> {
  for (const name of (await unless(["ENOENT"], readdir(lock))) ?? []) {
    if (!(await isAbandoned(join(lock, name), name, prepared))) return name;
    await unless(["ENOENT"], rmdir(join(lock, name)));
  }
  // Windows replaces no folder at all, not even an empty one.
  if (process.platform === "win32") await unless(["ENOENT", "ENOTEMPTY", "EEXIST", "EPERM", "EBUSY"], rmdir(lock));
  return undefined;
}

async function isAbandoned(path: string, name: string, prepared: string): Promise<boolean> {
  const liveness = await livenessOf(name);
  if (liveness !== "elsewhere") return liveness === "dead";
  const [theirs, ours] = await Promise.all([unless(["ENOENT"], stat(path)), stat(prepared)]);
  return theirs === undefined || ours.mtimeMs - theirs.mtimeMs > foreignHoldMs;
}
