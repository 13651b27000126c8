import { tmpdir } from "node:os";
import { basename, dirname } from "node:path";
import type { Leftover, LeftoverKind } from "@mlforge/spec";
import { leftoversIn, removeLeftover } from "@mlforge/spec/ownership";
import { glob } from "tinyglobby";
import { manifestKey } from "../log/keys.js";
import { isVersion } from "../log/version.js";
import type { BuildContext } from "./context.js";
import { temporaryPrefix } from "./staging.js";

/** The start of the name of an unfinished output file or project, before its owner. */
const outputPrefix = /^\.mlforge-[a-z]+-/;

/**
 * Finds the leftovers of ended processes in the store, the folder for spilled data, the cache, the system's temporary folder, and `folders` at any depth.
 * Skips `node_modules` and folders whose names begin with a dot. Changes nothing.
 */
export async function findLeftovers(
  { store, engine, cache }: Pick<BuildContext, "store" | "engine" | "cache">,
  folders: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly Leftover[]> {
  const inStore = (await store.leftovers?.({ signal })) ?? [];
  const outputs = await Promise.all(folders.map((folder) => unfinishedOutputs(folder, signal)));
  return [
    ...inStore.filter(({ key }) => key === undefined || isOurs(key)),
    ...((await engine?.leftovers?.()) ?? []),
    ...(await cache.leftovers()),
    ...(await left("staging", tmpdir(), temporaryPrefix)),
    ...outputs.flat(),
  ];
}

/** Returns true for the keys that mlforge writes. A bucket can hold uploads of other programs. */
function isOurs(key: string): boolean {
  const [, version = ""] = key.split("/");
  return isVersion(version) || key === manifestKey;
}

async function unfinishedOutputs(folder: string, signal: AbortSignal | undefined): Promise<readonly Leftover[]> {
  const paths = await glob("**/.mlforge-*", {
    cwd: folder,
    absolute: true,
    dot: true,
    ignore: ["**/node_modules/**", "**/.*/**"],
    onlyFiles: false,
    expandDirectories: false,
    followSymbolicLinks: false,
    ...(signal === undefined ? {} : { signal }),
  });
  const places = new Map<string, readonly [folder: string, prefix: string]>();
  for (const path of paths) {
    // Folders end with a slash.
    const [prefix] = outputPrefix.exec(basename(path)) ?? [];
    if (prefix !== undefined) places.set(`${dirname(path)}/${prefix}`, [dirname(path), prefix]);
  }
  const found: Leftover[] = [];
  for (const [parent, prefix] of places.values()) found.push(...(await left("output", parent, prefix)));
  return found;
}

async function left(kind: LeftoverKind, folder: string, prefix: string): Promise<readonly Leftover[]> {
  const found = await leftoversIn(folder, prefix);
  return found.map(({ path }) => ({ kind, location: path, remove: () => removeLeftover(path) }));
}
