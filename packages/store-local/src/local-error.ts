import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { MlforgeError } from "@mlforge/spec";
import { isErrno } from "./errno.js";

/** What was done to which key, for the error if it fails. */
export interface Doing {
  readonly operation: "head" | "get" | "put" | "delete" | "list" | "stage";
  readonly key: string;
  /** The root folder. */
  readonly root: string;
}

export const storeName = "local";

/** The codes of system errors that say that nothing is at a path. */
export const missing: readonly string[] = ["ENOENT", "ENOTDIR"];
/** Those that say that the volume, or this user's part of it, is full. */
export const noRoom: readonly string[] = ["ENOSPC", "EDQUOT", "EFBIG"];
const refused: readonly string[] = ["EACCES", "EPERM", "EROFS", "ELOOP", "ENOTDIR"];
const notNameable: readonly string[] = ["ENAMETOOLONG", "EILSEQ", "EINVAL"];

/** The MlforgeError that says what a system error means; any other value as it is. */
export function localError(error: unknown, { operation, key, root }: Doing): unknown {
  if (!isErrno(error)) return error;
  const [store, options] = [storeName, { cause: error }];
  // A staging folder and the whole list have no key.
  const object = key === "" ? root : `${JSON.stringify(key)} in ${root}`;
  const what = operation === "stage" ? `writing to ${object}` : `${operation} of ${object}`;
  if (noRoom.includes(error.code)) {
    return new MlforgeError(
      "STORE_FULL",
      `no room for ${object} (${error.code}); free space or choose another volume`,
      { store, key },
      options,
    );
  }
  if (refused.includes(error.code)) {
    const file = fileInTheWay(root);
    const message =
      file === undefined
        ? `${what} is not permitted (${error.code}); grant this user access to the folder, or choose another one`
        : `${file === root ? root : `${root} cannot be a folder, because ${file}`} is a file; a store needs a folder: choose another path, or remove the file`;
    return new MlforgeError("STORE_ACCESS_DENIED", message, { store, operation, key }, options);
  }
  if (notNameable.includes(error.code)) {
    const message = `the file system cannot name ${object} (${error.code}); use a shorter or plainer key`;
    return new MlforgeError("STORE_KEY_INVALID", message, { store, key }, options);
  }
  const message = `${what} failed: ${error.message}; try again`;
  return new MlforgeError("STORE_UNAVAILABLE", message, { store, operation }, options);
}

/** The file where the root folder, or one above it, should be. */
function fileInTheWay(root: string): string | undefined {
  if (existsSync(root)) return statSync(root, { throwIfNoEntry: false })?.isFile() === true ? root : undefined;
  return dirname(root) === root ? undefined : fileInTheWay(dirname(root));
}

export function notFound({ key, root }: Doing): MlforgeError {
  return new MlforgeError("STORE_NOT_FOUND", `no object ${JSON.stringify(key)} in ${root}; check the key`, { store: storeName, key });
}

export function conflict({ key, root }: Doing, found: string): MlforgeError {
  const message = `${JSON.stringify(key)} in ${root} ${found}; read it again and decide again`;
  return new MlforgeError("STORE_CONFLICT", message, { store: storeName, key });
}
