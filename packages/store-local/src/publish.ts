import { link, lstat, rename, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { MlforgeError } from "@mlforge/spec";
import { isErrno, unless } from "./errno.js";
import { makeFolder } from "./folder.js";
import { conflict, type Doing, missing, storeName } from "./local-error.js";

const attempts = 50;

/** Error codes of file systems without hard links. */
export const noHardLinks: readonly string[] = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

/** Links the file `temporary` to `path`, which must not exist. @throws STORE_CONFLICT */
export async function publishIfAbsent(temporary: string, path: string, doing: Doing): Promise<void> {
  await persist(path, doing, async () => {
    try {
      await link(temporary, path);
    } catch (error) {
      if (!isErrno(error, ...noHardLinks)) throw error;
      const message = `the file system of ${doing.root} does not support hard links (${error.code}), which ifAbsent needs; use a folder on another one`;
      throw new MlforgeError(
        "CAPABILITY_MISSING",
        message,
        { plugin: storeName, capability: "conditionalPut: ifAbsent" },
        { cause: error },
      );
    }
  });
}

/** Renames the file `temporary` to `path`, and replaces what is there. */
export async function publish(temporary: string, path: string, doing: Doing): Promise<void> {
  await persist(path, doing, () => rename(temporary, path));
}

/** Tries again if a folder appeared or vanished: a delete removes folders that it empties, and a killed put leaves empty ones. */
async function persist(path: string, doing: Doing, attempt: () => Promise<void>): Promise<void> {
  let needsFolder = false;
  for (let tried = 1; ; tried++) {
    try {
      if (needsFolder) await makeFolder(dirname(path));
      return await attempt();
    } catch (error) {
      needsFolder = isErrno(error, "ENOENT");
      if (needsFolder && tried < attempts) continue;
      if (isErrno(error, "EEXIST", "EISDIR", "ENOTEMPTY", "ENOTDIR", "EPERM", "EACCES")) {
        const there = await unless(missing, lstat(path));
        if (there?.isDirectory() === true && tried < attempts && (await removedEmpty(path))) continue;
        if (there?.isDirectory() === true || isErrno(error, "ENOTDIR")) throw folderAndObject(doing, error);
        if (isErrno(error, "EEXIST")) throw conflict(doing, "exists already");
      }
      // On Windows, a file that a reader has open cannot be replaced until it is closed.
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
  const message = `${JSON.stringify(key)} in ${root} would replace a folder with a file, or be below a file; choose another key`;
  return new MlforgeError("STORE_KEY_INVALID", message, { store: storeName, key }, { cause });
}
