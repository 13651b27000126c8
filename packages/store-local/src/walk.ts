import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { checkStoreKey, compareStoreKeys, isMlforgeError } from "@mlforge/spec";
import { unless } from "./errno.js";
import { ownFolder } from "./file-name.js";
import { storeName } from "./local-error.js";

/** An entry of a folder: the file of an object, or a folder, whose `key` ends with `/`. */
export interface Found {
  readonly kind: "file" | "folder";
  readonly path: string;
  readonly key: string;
}

/** Returns the files and folders in one folder in the order of their keys, which differs from the order of names: `a.b` comes before `a/`. */
export async function childrenOf(path: string, prefix: string): Promise<readonly Found[]> {
  // A prefix below an object is empty, but a root that is a file is an error.
  const absent = prefix === "" ? ["ENOENT"] : ["ENOENT", "ENOTDIR"];
  const entries = (await unless(absent, readdir(path, { withFileTypes: true }))) ?? [];
  const found: Found[] = [];
  for (const entry of entries) {
    const key = prefix + entry.name;
    if (key === ownFolder || !isKey(key)) continue;
    if (entry.isFile()) found.push({ kind: "file", path: join(path, entry.name), key });
    if (entry.isDirectory()) found.push({ kind: "folder", path: join(path, entry.name), key: `${key}/` });
  }
  return found.sort((a, b) => compareStoreKeys(a.key, b.key));
}

/** Yields every file below a folder, in the order of keys. */
export async function* filesBelow(path: string, prefix: string): AsyncGenerator<Found, void, undefined> {
  for (const child of await childrenOf(path, prefix)) {
    if (child.kind === "file") yield child;
    else yield* filesBelow(child.path, child.key);
  }
}

/** Returns false for files of other programs whose names are not keys. */
function isKey(key: string): boolean {
  try {
    checkStoreKey(storeName, key);
    return true;
  } catch (error) {
    if (isMlforgeError(error, "STORE_KEY_INVALID")) return false;
    throw error;
  }
}
