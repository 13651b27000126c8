import { isMlforgeError, MlforgeError } from "@mlforge/spec";
import type { BuildContext } from "../sources/context.js";

/** System error codes that mean that the volume, or this user's quota on it, is full. */
const full: readonly unknown[] = ["ENOSPC", "EDQUOT", "EFBIG"];

/** Returns an error that names the full volume if writing rows to the folder failed for lack of space. Returns other errors unchanged. */
export function noRoomError(error: unknown, feature: string, folder: string, { store, engine }: BuildContext): unknown {
  if (!isFull(error, folder)) return error;
  const what = `no space left for the rows of feature "${feature}" in ${folder}`;
  if (store.stage === undefined) {
    const advice = "free some space, or set TMPDIR to a folder on a larger volume";
    return new MlforgeError(
      "ENGINE_RESOURCES_EXHAUSTED",
      `${what}; ${advice}`,
      { engine: engine?.name ?? "none", path: folder },
      { cause: error },
    );
  }
  const message = `${what}, which is on the volume of the store; free some space or choose another volume`;
  return new MlforgeError("STORE_FULL", message, { store: store.name, key: `${feature}/` }, { cause: error });
}

/** Returns true if space ran out in the folder. An engine names the file that it could not write; its spill files are elsewhere. */
function isFull(error: unknown, folder: string): boolean {
  if (isMlforgeError(error, "ENGINE_RESOURCES_EXHAUSTED")) return error.details.path?.startsWith(folder) === true;
  return error instanceof Error && "code" in error && full.includes(error.code);
}
