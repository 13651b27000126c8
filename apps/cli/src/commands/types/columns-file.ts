import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { MlforgeError } from "@mlforge/spec";
import { newOwnedPath } from "@mlforge/spec/ownership";
import { displayPath } from "../../display-path.js";
import { columnsHeader } from "./columns-module.js";

/** Reads the file of an earlier run. Returns undefined if there is none. @throws USAGE_INVALID if `mlforge types` did not write it. */
export async function readColumnsFile(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw unusable(path, error instanceof Error ? error.message : String(error), error);
  }
  if (text.split(/\r?\n/, 1)[0] !== columnsHeader)
    throw unusable(path, "it was not written by mlforge types, which overwrites only its own files");
  return text;
}

/** Replaces the file atomically. @throws USAGE_INVALID */
export async function writeColumnsFile(path: string, text: string, signal: AbortSignal): Promise<void> {
  const draft = await newOwnedPath(dirname(path), ".mlforge-types-", ".partial");
  try {
    await writeFile(draft, text, { signal, flag: "wx" });
    await rename(draft, path);
  } catch (error) {
    signal.throwIfAborted();
    throw unusable(path, error instanceof Error ? error.message : String(error), error);
  } finally {
    await rm(draft, { force: true });
  }
}

function unusable(path: string, why: string, cause?: unknown): MlforgeError<"USAGE_INVALID"> {
  const message = `cannot use the file ${displayPath(path)}: ${why}; pass another file to --out`;
  return new MlforgeError("USAGE_INVALID", message, { argument: "--out" }, { cause });
}
