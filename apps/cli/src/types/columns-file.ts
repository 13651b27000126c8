import { randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { MlforgeError } from "@mlforge/spec";
import { displayPath } from "../display-path.js";
import { columnsHeader } from "./columns-module.js";

/** The text of a file that was written before; undefined where there is none. @throws USAGE_INVALID where it is somebody else's. */
export async function readColumnsFile(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw unusable(path, error instanceof Error ? error.message : String(error), error);
  }
  if (text.split(/\r?\n/, 1)[0] !== columnsHeader) throw unusable(path, "mlforge types did not write it, and does not overwrite it");
  return text;
}

/** Replaces the file as a whole. @throws USAGE_INVALID */
export async function writeColumnsFile(path: string, text: string, signal: AbortSignal): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(draft, text, { signal });
    await rename(draft, path);
  } catch (error) {
    signal.throwIfAborted();
    throw unusable(path, error instanceof Error ? error.message : String(error), error);
  } finally {
    await rm(draft, { force: true });
  }
}

function unusable(path: string, why: string, cause?: unknown): MlforgeError<"USAGE_INVALID"> {
  const message = `the file ${displayPath(path)} cannot be used: ${why}; give --out another file`;
  return new MlforgeError("USAGE_INVALID", message, { argument: "--out" }, { cause });
}
