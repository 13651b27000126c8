import { randomBytes } from "node:crypto";
import { appendFile, mkdir, readdir, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { removeLeftovers as removeOwned } from "@mlforge/spec/ownership";
import { isErrno, unless } from "./errno.js";
import { ownFolder } from "./file-name.js";
import { makeFolder } from "./folder.js";
import { noRoom } from "./local-error.js";
import { livenessOf } from "./owner.js";

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
const foreignAgeMs = 7 * 24 * 60 * 60 * 1_000;

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

/** Removes what killed processes of this host left, and what other hosts left more than a week ago. Ignores missing permissions. */
export async function removeLeftovers(folders: OwnFolders): Promise<void> {
  await removeOwned(folders.staging, "");
  for (const name of await readdir(folders.temporary)) {
    if (await isLeftover(folders.temporary, name))
      await unless(["EACCES", "EPERM", "EBUSY"], rm(join(folders.temporary, name), { recursive: true, force: true }));
  }
  for (const name of await readdir(folders.locks)) {
    const lock = join(folders.locks, name);
    for (const holder of (await unless(["ENOENT", "ENOTDIR"], readdir(lock))) ?? []) {
      if ((await livenessOf(holder)) === "dead") await unless(notRemovable, rmdir(join(lock, holder)));
    }
    await unless(notRemovable, rmdir(lock));
  }
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

async function isLeftover(folder: string, name: string): Promise<boolean> {
  const liveness = await livenessOf(name);
  if (liveness !== "elsewhere") return liveness === "dead";
  const found = await unless(["ENOENT"], stat(join(folder, name)));
  return found !== undefined && Date.now() - found.mtimeMs > foreignAgeMs;
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
