import { readFile } from "node:fs/promises";
import { MlforgeError } from "@mlforge/spec";
import { glob } from "tinyglobby";
import { parseLock, type TrainingLock } from "./lock.js";

/** Reads a lock from a local file. Returns undefined if the file does not exist. @throws LOCK_MISMATCH */
export async function readLock(path: string): Promise<TrainingLock | undefined> {
  const text = await readText(path);
  return text === undefined ? undefined : parseText(path, text);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new MlforgeError(
      "LOCK_MISMATCH",
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { path, problems: ["it cannot be read"] },
      { cause: error },
    );
  }
}

function parseText(path: string, text: string): TrainingLock {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const problem = `it is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new MlforgeError(
      "LOCK_MISMATCH",
      `${path} cannot be read as a lock: ${problem}; delete it to write a new one`,
      { path, problems: [problem] },
      { cause },
    );
  }
  return parseLock(json, path);
}

/**
 * Finds the lock files of training sets below a folder: `*.lock` and `*.lock.json`, but not in `node_modules` or in folders whose names begin with a
 * dot.
 *
 * Skips lock files of other tools.
 *
 * @throws LOCK_MISMATCH if a lock of ours cannot be read, since the versions it pins must not be lost
 */
export async function findLocks(
  folder: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly string[]> {
  const paths = await glob(["**/*.lock", "**/*.lock.json"], {
    cwd: folder,
    absolute: true,
    ignore: ["**/node_modules/**"],
    followSymbolicLinks: false,
    ...(signal === undefined ? {} : { signal }),
  });
  const locks: string[] = [];
  for (const path of paths.sort()) {
    signal?.throwIfAborted();
    const text = await readText(path);
    if (text?.includes('"lock_version"') !== true) continue;
    parseText(path, text);
    locks.push(path);
  }
  return locks;
}
