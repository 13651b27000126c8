import { randomBytes } from "node:crypto";
import { appendFile, mkdir, readdir, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Leftover } from "@mlforge/spec";
import { leftoversIn, livenessOf, removeLeftover } from "@mlforge/spec/ownership";
import { isErrno, unless } from "./errno.js";
import { ownFolder } from "./file-name.js";
import { makeFolder } from "./folder.js";
import { noRoom } from "./local-error.js";

/** The private folders of the store. */
export interface OwnFolders {
  readonly temporary: string;
  readonly locks: string;
  readonly staging: string;
  /** Reserved space, given up on a full volume so that it can be pruned: for the lock of a delete, and for puts with `useReserve`. */
  readonly spare: string;
}

const notRemovable: readonly string[] = ["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR", "EACCES", "EPERM", "EBUSY"];
/** Enough for a pointer with all the moves that it keeps. */
const spareBytes = 524_288;

export function ownFoldersOf(root: string): OwnFolders {
  const own = join(root, ownFolder);
  return { temporary: join(own, "tmp"), locks: join(own, "locks"), staging: join(own, "staging"), spare: join(own, "spare") };
}

/** Creates the root and the private folders if they are missing. */
export async function makeOwnFolders(root: string): Promise<OwnFolders> {
  const own = join(root, ownFolder);
  const folders = ownFoldersOf(root);
  await makeFolder(root);
  await makeFolder(own);
  const isNew = await makeFolder(folders.temporary);
  await makeFolder(folders.locks);
  await makeFolder(folders.staging);
  if (isNew) await writeFile(join(own, ".gitignore"), "*\n");
  return folders;
}

/** Returns false if somebody has removed the private folders. */
export async function areThere({ temporary, locks, staging }: OwnFolders): Promise<boolean> {
  for (const folder of [temporary, locks, staging]) if ((await unless(["ENOENT", "ENOTDIR"], stat(folder))) === undefined) return false;
  return true;
}

/** Finds the staging folders, temporary files, and locks of ended processes. */
export async function leftoversOf(folders: OwnFolders): Promise<readonly Leftover[]> {
  const found: Leftover[] = [];
  for (const folder of [folders.staging, folders.temporary]) {
    for (const { path } of await leftoversIn(folder, "", { ofUsers: "all" }))
      found.push({ kind: "staging", location: path, remove: () => removeLeftover(path) });
  }
  for (const name of await namesIn(folders.locks)) {
    const lock = join(folders.locks, name);
    for (const holder of await namesIn(lock)) {
      const path = join(lock, holder);
      if ((await livenessOf(holder))?.state === "dead") found.push({ kind: "lock", location: path, remove: () => freeLock(path) });
    }
  }
  return found;
}

/** Removes what {@link leftoversOf} finds, and the folders of free locks. Ignores missing permissions. */
export async function removeLeftovers(folders: OwnFolders): Promise<void> {
  for (const leftover of await leftoversOf(folders)) await unless(["EACCES", "EPERM", "EBUSY"], leftover.remove());
  for (const name of await namesIn(folders.locks)) await unless(notRemovable, rmdir(join(folders.locks, name)));
}

async function freeLock(path: string): Promise<void> {
  await unless(notRemovable, rmdir(path));
  await unless(notRemovable, rmdir(dirname(path)));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await unless(["ENOENT", "ENOTDIR", "EACCES", "EPERM"], readdir(folder))) ?? [];
}

/** Reserves what is missing of the space, or as much as there is. */
export async function keepSpare({ spare }: OwnFolders): Promise<void> {
  const room = join(spare, "room");
  const lacking = spareBytes - ((await unless(["ENOENT"], stat(room)))?.size ?? 0);
  if (lacking <= 0) return;
  await unless([...noRoom, "EEXIST"], mkdir(spare));
  // Some file systems give no space to zeros.
  await unless([...noRoom, "ENOENT"], appendFile(room, randomBytes(lacking)));
}

/** Gives up the reserved space. Returns true if there was any. */
async function giveUpSpare({ spare }: Pick<OwnFolders, "spare">): Promise<boolean> {
  return (
    (await unless(
      ["ENOENT"],
      rm(spare, { recursive: true }).then(() => true),
    )) ?? false
  );
}

/** Runs `write`, and once more with the reserved space if the volume is full. `write` must leave nothing behind if it fails. */
export async function withSpare<T>(folders: Pick<OwnFolders, "spare">, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isErrno(error, ...noRoom) || !(await giveUpSpare(folders))) throw error;
    return write();
  }
}
