/**
 * Locks one key across processes, and survives if they are killed.
 *
 * The lock of a key is a folder, `locks/<hash of the key>`, which contains one empty folder named after its holder. A contender
 * prepares such a pair of folders elsewhere and renames the outer one into place. The file system lets exactly one succeed,
 * because a rename replaces only empty folders. Removing the inner folder frees the lock. Any process that finds the folder of a dead holder
 * removes it. Names are unique, so nobody can remove the folder of a newer holder by mistake.
 *
 * A holder on this host is dead if its process has ended. A holder on another host counts as dead after `foreignHoldMs`. A holder that
 * has not written within `maxHoldMs` must not write anymore.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { MlforgeError } from "@mlforge/spec";
import { livenessOf, newOwnerName } from "@mlforge/spec/ownership";
import { isErrno, unless } from "./errno.js";
import { type Doing, storeName } from "./local-error.js";

const maxHoldMs = 5_000;
const foreignHoldMs = 60_000;
const maxWaitMs = 90_000;
const maxPauseMs = 50;
const freshMs = 1_000;

/** The folders that contain locks. */
export interface LockFolders {
  readonly locks: string;
  readonly temporary: string;
}

export interface KeyLock extends AsyncDisposable {
  /** Call this just before writing. @throws STORE_UNAVAILABLE if the lock was held for so long that others can consider it abandoned */
  checkHeld(): void;
}

/** Waits for the lock of a key. @throws STORE_UNAVAILABLE if a live process does not free it */
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

/** Returns the time since which the lock counts as held: that of its inner folder, from which other hosts compute its age. */
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
      const message = `the lock of ${JSON.stringify(doing.key)} in ${doing.root} is held by process ${holder.split(".")[2] ?? holder}, which makes no progress; end that process or try again`;
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
    // On Windows, EPERM and EACCES mean that the folder exists. A folder without write permission fails earlier, at mkdir.
    if (isErrno(error, "ENOTEMPTY", "EEXIST", ...(process.platform === "win32" ? ["EPERM", "EACCES"] : []))) return false;
    throw error;
  }
}

/** Returns the name of the holder, or undefined if the lock is free. Removes dead holders. */
async function findHolder(lock: string, prepared: string): Promise<string | undefined> {
  for (const name of (await unless(["ENOENT"], readdir(lock))) ?? []) {
    if (!(await isAbandoned(join(lock, name), name, prepared))) return name;
    await unless(["ENOENT"], rmdir(join(lock, name)));
  }
  // Windows does not replace folders, not even empty ones.
  if (process.platform === "win32") await unless(["ENOENT", "ENOTEMPTY", "EEXIST", "EPERM", "EBUSY"], rmdir(lock));
  return undefined;
}

async function isAbandoned(path: string, name: string, prepared: string): Promise<boolean> {
  const liveness = await livenessOf(name);
  if (liveness !== undefined && liveness.state !== "elsewhere") return liveness.state === "dead";
  const [theirs, ours] = await Promise.all([unless(["ENOENT"], stat(path)), stat(prepared)]);
  return theirs === undefined || ours.mtimeMs - theirs.mtimeMs > foreignHoldMs;
}
