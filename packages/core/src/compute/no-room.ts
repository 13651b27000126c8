import { isMlforgeError, MlforgeError } from "@mlforge/spec";
import type { BuildContext } from "../sources/context.js";
import type { Output } from "./output.js";

/** System error codes that mean that the volume, or this user's quota on it, is full. */
const full: readonly unknown[] = ["ENOSPC", "EDQUOT", "EFBIG"];

/** Returns an error that names the full volume if the output ran out of space. Returns other errors unchanged. */
export function noRoomError(error: unknown, feature: string, output: Output, { store, engine }: BuildContext): unknown {
  if (!isFull(error, output)) return error;
  const where = output.path ?? output.url;
  const what = `no space left for the rows of feature "${feature}" in ${where}`;
  if (output.path !== undefined && store.stage === undefined) {
    const advice = "free some space, or set TMPDIR to a folder on a larger volume";
    return new MlforgeError(
      "ENGINE_RESOURCES_EXHAUSTED",
      `${what}; ${advice}`,
      { engine: engine?.name ?? "none", path: where },
      { cause: error },
    );
  }
  const message = `${what}, which is on the volume of the store; free some space or choose another volume`;
  return new MlforgeError("STORE_FULL", message, { store: store.name, key: `${feature}/` }, { cause: error });
}

/** Returns true if the output ran out of space. An engine names the file that it could not write. Its spill files are elsewhere. */
function isFull(error: unknown, { path, url }: Output): boolean {
  if (isMlforgeError(error, "ENGINE_RESOURCES_EXHAUSTED")) return error.details.path?.startsWith(path ?? url) === true;
  return path !== undefined && error instanceof Error && "code" in error && full.includes(error.code);
}
