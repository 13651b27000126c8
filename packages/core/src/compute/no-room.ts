import { isMlforgeError, MlforgeError } from "@mlforge/spec";
import type { BuildContext } from "../sources/context.js";

/** System errors that say that the volume, or this user's part of it, is full. */
const full: readonly unknown[] = ["ENOSPC", "EDQUOT", "EFBIG"];

/** The error that says whose volume is full, where that is what happened while rows were written to the folder; other errors pass. */
export function noRoomError(error: unknown, feature: string, folder: string, { store, engine }: BuildContext): unknown {
  if (!isFull(error, folder)) return error;
  const what = `no room for the rows of feature "${feature}" in ${folder}`;
  if (store.stage === undefined) {
    const advice = "free space, or set TMPDIR to a folder on a larger volume";
    return new MlforgeError(
      "ENGINE_RESOURCES_EXHAUSTED",
      `${what}; ${advice}`,
      { engine: engine?.name ?? "none", path: folder },
      { cause: error },
    );
  }
  const message = `${what}, which is on the volume of the store; free space or choose another volume`;
  return new MlforgeError("STORE_FULL", message, { store: store.name, key: `${feature}/` }, { cause: error });
}

/** An engine names the file for which there was no room; what it spills lies elsewhere. */
function isFull(error: unknown, folder: string): boolean {
  if (isMlforgeError(error, "ENGINE_RESOURCES_EXHAUSTED")) return error.details.path?.startsWith(folder) === true;
  return error instanceof Error && "code" in error && full.includes(error.code);
}
