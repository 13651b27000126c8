import { realpath } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { MlforgeError } from "@mlforge/spec";
import { unless } from "./errno.js";
import { type Doing, missing, storeName } from "./local-error.js";

const realNative = promisify(realpath.native);

/** Returns the real path of `path`, with links resolved and names spelled as on disk, or undefined if it does not exist. */
export async function realPath(path: string): Promise<string | undefined> {
  return unless(missing, realNative(path));
}

/**
 * Returns true if `path` exists with exactly this name.
 *
 * The store does not follow symbolic links below its root, because they can lead out of it. A file system that does not distinguish `Key` from `key`
 * must not return one object for the other.
 *
 * @throws STORE_ACCESS_DENIED for a link, STORE_KEY_INVALID for a name that differs in case or normalization
 */
export async function existsAt(path: string, doing: Doing): Promise<boolean> {
  const real = await realPath(path);
  if (real === undefined || real === path) return real !== undefined;
  if (fold(real) === fold(path)) {
    const message = `${JSON.stringify(doing.key)} differs only in case or normalization from ${real}, which this file system cannot tell apart; choose another name`;
    throw new MlforgeError("STORE_KEY_INVALID", message, { store: storeName, key: doing.key });
  }
  const message = `${path} leads through a symbolic link to ${real}; the store does not follow links, so put the files themselves there`;
  throw new MlforgeError("STORE_ACCESS_DENIED", message, { store: storeName, operation: doing.operation, key: doing.key });
}

/** Checks a path to create, like `existsAt`: checks the nearest parent that exists. */
export async function checkPlace(path: string, root: string, doing: Doing): Promise<void> {
  if (path === root || (await existsAt(path, doing))) return;
  await checkPlace(dirname(path), root, doing);
}

function fold(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
