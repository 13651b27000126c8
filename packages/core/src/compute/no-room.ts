import { isMlforgeError, MlforgeError } from "@mlforge/spec";
import type { BuildContext } from "../sources/context.js";
import type { Output } from "./output.js";

/** System errors that say that the volume, or this user's part of it, is full. */
const full: readonly unknown[] = ["ENOSPC", "EDQUOT", "EFBIG"];

/** Returns an error that says whose volume is full, if the output had no room. Returns every other error unchanged. */
export function noRoomError(error: unknown, feature: string, output: Output, { store, engine }: BuildContext): unknown {
  if (!isFull(error, output)) return error;
  const where = output.path ?? output.url;
  const what = `no room for the rows of feature "${feature}" in ${where}`;
  if (output.path !== undefined && store.stage === undefined) {
    const advice = "free space, or set TMPDIR to a folder on a larger volume";
    return new MlforgeError(
      "ENGINE_RESOURCES_EXHAUSTED",
      `${what}; ${advice}`,
      { engine: engine?.name ?? "none", path: where },
      { cause: error },
    );
  }
  const message = `${what}, which is on the volume of the store; free space or choose another volume`;
  return new MlforgeError("STORE_FULL", message, { store: store.name, key: `${feature}/` }, { cause: error });
}

/** An engine names the file for which there was no room. What it spills is elsewhere. */
function isFull(error: unknown, { path, url }: Output): boolean {
  if (isMlforgeError(error, "ENGINE_RESOURCES_EXHAUSTED")) return error.details.path?.startsWith(path ?? url) === true;
  return path !== undefined && error instanceof Error && "code" in error && full.includes(error.code);
}
