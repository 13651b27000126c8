import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { MlforgeError } from "@mlforge/spec";

/** A definitions file and the folder that its relative paths start from. */
export interface DefinitionsFile {
  readonly path: string;
  readonly root: string;
}

const names = ["definitions.ts", "definitions.mts", "definitions.js", "definitions.mjs"];
const candidates = [...names, ...names.map((name) => join("src", name))];

/**
 * Finds the definitions file of the project that contains `folder`. Searches `folder` and its parents, up to the root of the
 * repository or file system.
 *
 * @throws DEFINITIONS_NOT_LOADED
 */
export function findDefinitions(folder: string): DefinitionsFile {
  let searched = resolve(folder);
  for (;;) {
    for (const candidate of candidates) {
      const path = join(searched, candidate);
      if (isFile(path)) return { path, root: projectOf(dirname(path)) };
    }
    if (isRepository(searched) || dirname(searched) === searched) break;
    searched = dirname(searched);
  }
  throw new MlforgeError(
    "DEFINITIONS_NOT_LOADED",
    `found no definitions.ts or src/definitions.ts in ${folder}${searched === folder ? "" : ` or its parents up to ${searched}`}; create one, or pass --definitions PATH`,
    { path: folder },
  );
}

/** Returns the file given with `--definitions`. @throws DEFINITIONS_NOT_LOADED */
export function givenDefinitions(path: string): DefinitionsFile {
  const absolute = resolve(path);
  if (isFile(absolute)) return { path: absolute, root: process.cwd() };
  throw new MlforgeError("DEFINITIONS_NOT_LOADED", `the file "${path}" does not exist; pass --definitions the path of a definitions file`, {
    path: absolute,
  });
}

/** Returns the project folder of a file's folder. Does not depend on where the search began, so `src` and its parents give one answer. */
function projectOf(folder: string): string {
  return basename(folder) === "src" && !isRepository(folder) ? dirname(folder) : folder;
}

function isRepository(folder: string): boolean {
  return existsSync(join(folder, ".git"));
}

/** @throws DEFINITIONS_NOT_LOADED if the system cannot tell, for example because the path is a link to itself */
function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const message = `the definitions file cannot be read: ${cause.message}; check the path and its permissions`;
    throw new MlforgeError("DEFINITIONS_NOT_LOADED", message, { path }, { cause });
  }
}
