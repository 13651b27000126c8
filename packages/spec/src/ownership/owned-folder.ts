import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { mkdir, readdir, rm, rmdir, stat, unlink } from "node:fs/promises";
import type { Server } from "node:net";
import { join } from "node:path";
import { folderClock } from "./folder-clock.js";
import { bindSocket, isSocketHeld, socketName } from "./held-socket.js";
import { makeFolders } from "./make-folders.js";
import { livenessOf, newOwnerName } from "./owner.js";

/** A folder that this process owns. Disposing of it deletes the folder and never fails. */
export interface OwnedFolder extends AsyncDisposable {
  readonly path: string;
}

/** A folder or a file whose owner has ended. */
export interface Leftover {
  readonly path: string;
}

export interface LeftoverOptions {
  /** `all` includes the folders and files of other users, for a folder that users share. Defaults to `own`. */
  readonly ofUsers?: "own" | "all" | undefined;
}

const beatMs = 60_000;
/** The time without a sign of life after which the folder of another host is considered abandoned. */
const silentMs = 24 * 60 * 60 * 1_000;
/** A folder can be this young before its socket is bound. */
const youngMs = 60_000;

/** The folders of this process that nobody has disposed of, with their sockets. */
const held = new Map<string, Server | undefined>();
let beat: NodeJS.Timeout | undefined;

/**
 * Creates a folder that this process owns, named `<prefix><owner>.<random>`. Removes the folders of the same prefix whose owners have ended.
 *
 * @param parent is created if it does not exist
 * @param left `keep` leaves the folders of other owners alone, for a caller that has more to do for them. Defaults to `remove`.
 */
export async function createOwnedFolder(parent: string, prefix: string, left: "remove" | "keep" = "remove"): Promise<OwnedFolder> {
  await makeFolders(parent, 0o700);
  const path = join(parent, `${prefix}${await newOwnerName()}`);
  await mkdir(path, { mode: 0o700 });
  held.set(path, undefined);
  if (held.size === 1) begin();
  held.set(path, await bindSocket(path));
  if (left === "remove") await removeLeftovers(parent, prefix);
  return { path, [Symbol.asyncDispose]: () => remove(path) };
}

/**
 * Returns the path of a new file that this process will create, named `<prefix><owner>.<random><ending>`. Removes the files of the same prefix whose
 * owners have ended.
 */
export async function newOwnedPath(parent: string, prefix: string, ending: string): Promise<string> {
  await removeLeftovers(parent, prefix);
  return join(parent, `${prefix}${await newOwnerName()}${ending}`);
}

/** Returns the leftovers of ended processes in a folder, with names that begin with `prefix` and an owner. Never includes what a running process owns. */
export async function leftoversIn(parent: string, prefix: string, { ofUsers = "own" }: LeftoverOptions = {}): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  const names = (await readdir(parent).catch(() => [])).filter((name) => name.startsWith(prefix));
  let clock: Promise<number | undefined> | undefined;
  const now = async (): Promise<number> => {
    clock ??= folderClock(join(parent, `${prefix}${await newOwnerName()}`));
    // If the time of the file system is unknown, nothing counts as old.
    return Math.min(Date.now(), (await clock) ?? 0);
  };
  for (const name of names) {
    const path = join(parent, name);
    if (!held.has(path) && (await isLeft(path, name.slice(prefix.length), ofUsers, now))) found.push({ path });
  }
  return found;
}

/** Removes what {@link leftoversIn} finds. Returns what was removed. Ignores what this user must not remove. */
export async function removeLeftovers(parent: string, prefix: string, options?: LeftoverOptions): Promise<readonly Leftover[]> {
  const removed: Leftover[] = [];
  for (const leftover of await leftoversIn(parent, prefix, options)) {
    if (await isRemoved(leftover.path)) removed.push(leftover);
  }
  return removed;
}

/** `now` returns the earlier of the times of this machine and of the file system, so that a clock that is ahead does not make anything look older. */
async function isLeft(path: string, name: string, ofUsers: "own" | "all", now: () => Promise<number>): Promise<boolean> {
  const liveness = await livenessOf(name);
  if (liveness === undefined) return false;
  const found = await stat(path).catch(() => undefined);
  // In a shared temporary folder, other users own theirs.
  if (found === undefined || (ofUsers === "own" && process.getuid !== undefined && found.uid !== process.getuid())) return false;
  if (liveness.state !== "elsewhere") return liveness.state === "dead";
  const isOlder = async (ms: number): Promise<boolean> => Date.now() - found.mtimeMs > ms && (await now()) - found.mtimeMs > ms;
  if (liveness.sameKernel && found.isDirectory()) {
    const isHeld = await isSocketHeld(path);
    if (isHeld !== undefined) return !isHeld && (await isOlder(youngMs));
  }
  return isOlder(silentMs);
}

async function remove(path: string): Promise<void> {
  const server = held.get(path);
  server?.close();
  // If this fails, the end of this process or the next process removes it.
  if (!(await isRemoved(path))) return;
  held.delete(path);
  if (held.size === 0) end();
}

function isRemoved(path: string): Promise<boolean> {
  return removeAll(path).then(
    () => true,
    () => false,
  );
}

/** Removes what {@link leftoversIn} found. */
export async function removeLeftover(path: string): Promise<void> {
  await removeAll(path);
}

/** Removes a folder or a file, and the socket first: after a stat of a socket, `realpathSync` of Node 20 stops early, and imports fail. */
async function removeAll(path: string): Promise<void> {
  await unlink(join(path, socketName)).catch(() => {});
  // A sign of life can create an entry in between.
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

function begin(): void {
  process.once("exit", removeHeld);
  // Hosts that share a folder cannot see each other's processes.
  beat = setInterval(() => {
    for (const path of held.keys()) showLife(path).catch(() => {});
  }, beatMs);
  beat.unref();
}

/** Sets the time of a folder to that of its file system, which differs from the time of this machine if the folder is on a network. */
async function showLife(path: string): Promise<void> {
  const entry = join(path, `.alive-${randomUUID()}`);
  await mkdir(entry);
  await rmdir(entry);
}

function end(): void {
  process.off("exit", removeHeld);
  clearInterval(beat);
}

function removeHeld(): void {
  for (const [path, server] of held) {
    // Closing a server removes its socket at once.
    server?.close();
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // The next process removes it.
    }
  }
}
