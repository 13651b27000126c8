import { mkdir, readdir, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { removeLeftovers as removeOwned } from "@mlforge/spec/ownership";
import { unless } from "./errno.js";
import { ownFolder } from "./file-name.js";
import { makeFolder } from "./folder.js";
import { noRoom } from "./local-error.js";
import { livenessOf } from "./owner.js";

/** The private folders of the store. */
export interface OwnFolders {
  readonly temporary: string;
  readonly locks: string;
  readonly staging: string;
  /** Reserved space, given up on a full volume so that a delete can still take its lock. */
  readonly spare: string;
}

const notRemovable: readonly string[] = ["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR", "EACCES", "EPERM", "EBUSY"];
const spareBytes = 65_536;
const foreignAgeMs = 7 * 24 * 60 * 60 * 1_000;

/** Creates the root and the private folders if they are missing. */
export async function makeOwnFolders(root: string): Promise<OwnFolders> {
  const own = join(root, ownFolder);
  const folders = { temporary: join(own, "tmp"), locks: join(own, "locks"), staging: join(own, "staging"), spare: join(own, "spare") };
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

export async function keepSpare({ spare }: OwnFolders): Promise<void> {
  const made = await unless(
    [...noRoom, "EEXIST"],
    mkdir(spare).then(() => true),
  );
  if (made === true) await unless(noRoom, writeFile(join(spare, "room"), new Uint8Array(spareBytes)));
}

/** Gives up the reserved space. Returns true if there was any. */
export async function giveUpSpare({ spare }: OwnFolders): Promise<boolean> {
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
