import { link, lstat, mkdir, open, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isMlforgeError, type PermissionCheck } from "@mlforge/spec";
import { newOwnerName } from "@mlforge/spec/ownership";
import { isErrno, unless } from "./errno.js";
import { ownFolder } from "./file-name.js";
import { makeFolder } from "./folder.js";
import { type Doing, localError, missing } from "./local-error.js";
import { noHardLinks } from "./publish.js";
import { filesBelow } from "./walk.js";

type Tried = Pick<PermissionCheck, "outcome" | "message">;

/**
 * Tries to write, read, and delete a file where the store writes: in its own folder, or, if the root does not exist yet, in the folder where the
 * first write would create it. If it cannot write, it reads an object instead. Leaves nothing behind.
 */
export async function diagnoseFolder(root: string): Promise<readonly PermissionCheck[]> {
  const present = await nearestPresent(join(root, ownFolder, "tmp"));
  // In the root itself, the file would briefly be an object.
  const place = present === root ? join(root, ownFolder) : present;
  const folder = join(place, await newOwnerName());
  const file = join(folder, "file");
  const text = "Written by mlforge to test permissions.\n";
  try {
    const write = await tried({ operation: "stage", key: "", root }, async () => {
      await makeFolder(folder);
      await writeFile(file, text);
      return { outcome: "allowed", message: `wrote a file to ${place}` };
    });
    if (write.outcome !== "allowed") return checks(await readAnObject(root), write, nothingWritten, nothingWritten);
    const create = await tried({ operation: "put", key: "", root }, () => linkOnce(file, root));
    const read = await tried({ operation: "get", key: "", root }, async () => {
      if ((await readFile(file, "utf8")) === text) return { outcome: "allowed", message: "read the file" };
      return { outcome: "unknown", message: `${file} has other content than was written; another program writes there` };
    });
    const deletion = await tried({ operation: "delete", key: "", root }, async () => {
      await rm(folder, { recursive: true });
      return { outcome: "allowed", message: "deleted the file" };
    });
    return checks(read, write, create, deletion);
  } finally {
    await unless(notRemovable, rm(folder, { recursive: true, force: true }));
    if (place !== present) await unless(notRemovable, rmdir(place));
  }
}

/** Error codes of a folder that cannot be removed, for example because another process uses it. */
const notRemovable: readonly string[] = [...missing, "ENOTEMPTY", "EEXIST", "EACCES", "EPERM", "EBUSY", "EROFS"];
const nothingWritten: Tried = { outcome: "unknown", message: "not tested, because nothing could be written" };

/** The actions, in the order in which they are tested. */
function checks(read: Tried, write: Tried, create: Tried, deletion: Tried): readonly PermissionCheck[] {
  return [
    { action: "write", neededFor: ["build"], ...write },
    // Claims of version numbers need it.
    { action: "write if absent", neededFor: ["build"], ...create },
    { action: "read", neededFor: ["build", "training", "serving"], ...read },
    // Every write deletes its temporary file and its lock.
    { action: "delete", neededFor: ["build"], ...deletion },
  ];
}

/** Tests hard links, which create a file only if it does not exist. */
async function linkOnce(file: string, root: string): Promise<Tried> {
  try {
    await link(file, `${file}.2`);
    await link(file, `${file}.2`);
    return { outcome: "denied", message: `the file system of ${root} let two writers create one file; use a folder on another one` };
  } catch (error) {
    if (isErrno(error, "EEXIST")) return { outcome: "allowed", message: "when two writers create a file, the second is refused" };
    if (!isErrno(error, ...noHardLinks)) throw error;
    return {
      outcome: "denied",
      message: `the file system of ${root} does not support hard links (${error.code}); use a folder on another one`,
    };
  }
}

function readAnObject(root: string): Promise<Tried> {
  return tried({ operation: "get", key: "", root }, async () => {
    for await (const { path } of filesBelow(root, "")) {
      const handle = await open(path, "r");
      await handle.close();
      return { outcome: "allowed", message: `opened ${path} for reading` };
    }
    return { outcome: "unknown", message: `not tested, because ${root} has no object to read` };
  });
}

async function tried(doing: Doing, body: () => Promise<Tried>): Promise<Tried> {
  try {
    return await body();
  } catch (error) {
    const told = localError(error, doing);
    if (!isMlforgeError(told)) throw told;
    return { outcome: told.code === "STORE_ACCESS_DENIED" ? "denied" : "unknown", message: told.message };
  }
}

/** Returns the time of the file system, from a folder that it creates and removes where the store writes. */
export async function folderClock(root: string): Promise<Date> {
  const place = await nearestPresent(join(root, ownFolder, "tmp"));
  // In the root itself, others would see the folder. It is empty, and stores do not list empty folders.
  const folder = join(place, await newOwnerName());
  await mkdir(folder);
  try {
    return (await lstat(folder)).mtime;
  } finally {
    await unless(notRemovable, rmdir(folder));
  }
}

/** Returns `path`, or its nearest parent that exists. */
async function nearestPresent(path: string): Promise<string> {
  const found = await unless([...missing, "EACCES"], lstat(path));
  return found !== undefined || dirname(path) === path ? path : nearestPresent(dirname(path));
}
