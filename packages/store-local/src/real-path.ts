import { realpath } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { MlforgeError } from "@mlforge/spec";
import { unless } from "./errno.js";
import { type Doing, missing, storeName } from "./local-error.js";

/** The true path of what is at `path`: links followed, names in the spelling they have on the disk. Undefined if nothing is there. */
export async function realPath(path: string): Promise<string | undefined> {
  return unless(missing, promisify(realpath.native)(path));
}

/**
 * Whether something is at `path`, by exactly this name.
 *
 * The store follows no symbolic links below its root, as they may lead out of it; and a file system that takes `Key` for `key` must not
 * give the object of the one for the other.
 *
 * @throws STORE_ACCESS_DENIED at a link, STORE_KEY_INVALID at a name that differs in case or normalisation
 */
export async function existsAt(path: string, doing: Doing): Promise<boolean> {
  const real = await realPath(path);
  if (real === undefined || real === path) return real !== undefined;
  if (fold(real) === fold(path)) {
    const message = `${JSON.stringify(doing.key)} differs only in case or normalisation from ${real}, which this file system cannot tell apart; choose another name`;
    throw new MlforgeError("STORE_KEY_INVALID", message, { store: storeName, key: doing.key });
  }
  const message = `${path} leads through a symbolic link to ${real}; the store follows none, so put the files themselves there`;
  throw new MlforgeError("STORE_ACCESS_DENIED", message, { store: storeName, operation: doing.operation, key: doing.key });
}

/** As `existsAt`, for what is to be made: looks at the nearest thing above that exists. */
export async function checkPlace(path: string, root: string, doing: Doing): Promise<void> {
  if (path === root || (await existsAt(path, doing))) return;
  await checkPlace(dirname(path), root, doing);
}

function fold(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
