import { mkdir, open, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { MlforgeError } from "@mlforge/spec";
import { isErrno } from "./errno.js";
import { storeName } from "./local-error.js";

/** The number of times that a parent can be removed by another process just after it was created. */
const attempts = 50;

/**
 * Creates a folder and its parents, each durable before the next. Returns false if it exists already. Gives up in the end: in `/proc`, a folder seems to lack a parent that exists. Node's own
 * recursive `mkdir` never ends there.
 */
export async function makeFolder(path: string): Promise<boolean> {
  for (let tried = 1; ; tried++) {
    try {
      await mkdir(path);
      await syncFolder(dirname(path));
      return true;
    } catch (error) {
      if (isErrno(error, "EEXIST")) return false;
      if (!isErrno(error, "ENOENT") || dirname(path) === path) throw error;
      if (tried >= attempts) throw noFolders(path, error);
      await makeFolder(dirname(path));
    }
  }
}

function noFolders(path: string, cause: Error): MlforgeError {
  const message = `the folder ${path} cannot be created, because the file system of ${dirname(path)} takes no folders; choose another path`;
  return new MlforgeError("STORE_ACCESS_DENIED", message, { store: storeName, operation: "stage", key: "" }, { cause });
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders as files. NTFS journals names.
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems cannot sync a folder.
    if (!isErrno(error, "EINVAL", "ENOTSUP", "EOPNOTSUPP")) throw error;
  } finally {
    await handle.close();
  }
}

/** Removes a folder and its parents while they are empty, up to, but not including, `root`. */
export async function removeEmptyFolders(path: string, root: string): Promise<void> {
  for (let folder = path; folder !== root; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (isErrno(error, "ENOTEMPTY", "EEXIST", "EACCES", "EPERM", "EBUSY")) return;
      if (!isErrno(error, "ENOENT")) throw error;
    }
  }
}
