import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { causeOf, MlforgeError } from "@mlforge/spec";
import { isErrno } from "./errno.js";

/** The operation and its key, for error messages. */
export interface Doing {
  readonly operation: "head" | "get" | "put" | "copy" | "delete" | "list" | "stage";
  readonly key: string;
  /** The root folder. */
  readonly root: string;
}

export const storeName = "local";

/** System error codes which mean that a path does not exist. */
export const missing: readonly string[] = ["ENOENT", "ENOTDIR"];
/** System error codes which mean that the volume, or the user's quota, is full. */
export const noRoom: readonly string[] = ["ENOSPC", "EDQUOT", "EFBIG"];
const refused: readonly string[] = ["EACCES", "EPERM", "EROFS", "ELOOP", "ENOTDIR"];
const notNameable: readonly string[] = ["ENAMETOOLONG", "EILSEQ", "EINVAL"];

/** Converts a system error to the MlforgeError that says what it means. Returns any other value unchanged. */
export function localError(thrown: unknown, { operation, key, root }: Doing): unknown {
  const error = causeOf(thrown);
  if (!isErrno(error)) return error;
  const [store, options] = [storeName, { cause: error }];
  // A staging folder and the whole list have no key.
  const object = key === "" ? root : `${JSON.stringify(key)} in ${root}`;
  const what = operation === "stage" ? `writing to ${object}` : `${operation} of ${object}`;
  if (noRoom.includes(error.code)) {
    return new MlforgeError(
      "STORE_FULL",
      `no space left for ${object} (${error.code}); free space or choose another volume`,
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
    const message = `the file system does not support the name of ${object} (${error.code}); use a shorter or simpler key`;
    return new MlforgeError("STORE_KEY_INVALID", message, { store, key }, options);
  }
  const message = `${what} failed: ${error.message}; try again`;
  return new MlforgeError("STORE_UNAVAILABLE", message, { store, operation }, options);
}

/** Returns the file that is in the place of the root folder or one of its parents. */
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
