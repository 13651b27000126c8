import { readFile } from "node:fs/promises";
import { MlforgeError } from "@mlforge/spec";
import { glob } from "tinyglobby";
import { parseLock, type TrainingLock } from "./lock.js";

/** The lock in a file on this machine; undefined where there is no such file. @throws LOCK_MISMATCH */
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
      `${path} cannot be read as a lock: ${problem}; write it anew by removing it`,
      { path, problems: [problem] },
      { cause },
    );
  }
  return parseLock(json, path);
}

/**
 * The lock files of training sets below a folder: `*.lock` and `*.lock.json`, not in `node_modules` nor in folders that begin with a dot.
 *
 * Lock files of other tools are passed over.
 *
 * @throws LOCK_MISMATCH for one that says that it is ours and cannot be read: what it holds must not be lost
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
