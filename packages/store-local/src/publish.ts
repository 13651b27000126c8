import { link, lstat, rename, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { MlforgeError } from "@mlforge/spec";
import { isErrno, unless } from "./errno.js";
import { makeFolder } from "./folder.js";
import { conflict, type Doing, missing, storeName } from "./local-error.js";

const attempts = 50;

/** What file systems without hard links say. */
export const noHardLinks: readonly string[] = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

/** Gives the file `temporary` its place at `path`, where nothing may be. @throws STORE_CONFLICT */
export async function publishIfAbsent(temporary: string, path: string, doing: Doing): Promise<void> {
  await persist(path, doing, async () => {
    try {
      await link(temporary, path);
    } catch (error) {
      if (!isErrno(error, ...noHardLinks)) throw error;
      const message = `the file system of ${doing.root} makes no hard links (${error.code}), which ifAbsent needs; use a folder on another one`;
      throw new MlforgeError(
        "CAPABILITY_MISSING",
        message,
        { plugin: storeName, capability: "conditionalPut: ifAbsent" },
        { cause: error },
      );
    }
  });
}

/** Gives the file `temporary` its place at `path`, in place of what is there. */
export async function publish(temporary: string, path: string, doing: Doing): Promise<void> {
  await persist(path, doing, () => rename(temporary, path));
}

/** Tries again where a folder came or went meanwhile: a delete removes folders it empties, and a killed put leaves empty ones. */
async function persist(path: string, doing: Doing, attempt: () => Promise<void>): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      await makeFolder(dirname(path));
      return await attempt();
    } catch (error) {
      if (isErrno(error, "ENOENT") && tried < attempts) continue;
      if (isErrno(error, "EEXIST", "EISDIR", "ENOTEMPTY", "ENOTDIR", "EPERM", "EACCES")) {
        const there = await unless(missing, lstat(path));
        if (there?.isDirectory() === true && tried < attempts && (await removedEmpty(path))) continue;
        if (there?.isDirectory() === true || isErrno(error, "ENOTDIR")) throw folderAndObject(doing, error);
        if (isErrno(error, "EEXIST")) throw conflict(doing, "exists already");
      }
      // A reader's open file cannot be replaced on Windows until it is closed.
      if (process.platform !== "win32" || !isErrno(error, "EPERM", "EACCES", "EBUSY") || tried >= attempts) throw error;
      await setTimeout(Math.random() * tried);
    }
  }
}

async function removedEmpty(path: string): Promise<boolean> {
  return (
    (await unless(
      ["ENOTEMPTY", "EEXIST", "ENOENT"],
      rmdir(path).then(() => true),
    )) ?? false
  );
}

function folderAndObject({ key, root }: Doing, cause: Error): MlforgeError {
  const message = `${JSON.stringify(key)} in ${root} would be a file where a folder is, or lie below a file; choose another key`;
  return new MlforgeError("STORE_KEY_INVALID", message, { store: storeName, key }, { cause });
}
