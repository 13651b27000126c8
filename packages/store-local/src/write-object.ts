import { lstat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { MlforgeError, type ObjectInfo, type PutCondition, type PutOptions } from "@mlforge/spec";
import { newOwnerName } from "@mlforge/spec/ownership";
import { unless } from "./errno.js";
import { syncFolder } from "./folder.js";
import { lockKey } from "./key-lock.js";
import { conflict, type Doing, missing, storeName } from "./local-error.js";
import { openObject } from "./object-file.js";
import type { OwnFolders } from "./own-folders.js";
import { publish, publishIfAbsent } from "./publish.js";

/**
 * Writes the object at `path` if its condition holds, completely and durably or not at all. `make` creates the temporary file to publish.
 */
export async function writeObject(
  path: string,
  make: (temporary: string) => Promise<ObjectInfo>,
  options: PutOptions,
  folders: OwnFolders,
  doing: Doing,
): Promise<ObjectInfo> {
  const { condition, signal } = options;
  if (condition?.kind === "ifAbsent" && (await unless(missing, lstat(path)))?.isFile() === true) throw conflict(doing, "exists already");
  const temporary = join(folders.temporary, await newOwnerName());
  let published = false;
  try {
    try {
      const info = await make(temporary);
      if (condition?.kind === "ifAbsent") {
        await publishIfAbsent(temporary, path, doing);
        published = true;
      } else {
        await using lock = await lockKey(folders, doing, signal);
        if (condition !== undefined) await checkMatch(path, condition, doing);
        lock.checkHeld();
        await publish(temporary, path, doing);
        published = true;
      }
      // A delete of this object, or of the last one beside it, can have removed the folder.
      await unless(missing, syncFolder(dirname(path)));
      return info;
    } finally {
      // A rename onto another name of the same file removes nothing.
      await unless(missing, unlink(temporary));
    }
  } catch (error) {
    if (!published) throw error;
    const message = `${JSON.stringify(doing.key)} in ${doing.root} was written, but could be lost in a power failure; try again`;
    throw new MlforgeError("STORE_UNAVAILABLE", message, { store: storeName, operation: doing.operation }, { cause: error });
  }
}

async function checkMatch(path: string, condition: PutCondition & { readonly kind: "ifMatch" }, doing: Doing): Promise<void> {
  const file = await openObject(path, doing.key);
  await file?.handle.close();
  if (file === undefined) throw conflict(doing, "does not exist");
  if (file.info.etag !== condition.etag) throw conflict(doing, `has another etag than ${condition.etag}`);
}
