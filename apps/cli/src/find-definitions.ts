import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { MlforgeError } from "@mlforge/spec";

/** A definitions file and the folder that its relative paths start from. */
export interface DefinitionsFile {
  readonly path: string;
  readonly root: string;
}

const names = ["definitions.ts", "definitions.mts", "definitions.js", "definitions.mjs"];
const candidates = [...names, ...names.map((name) => join("src", name))];

/**
 * The definitions file of the project that `folder` is in: looked for in each folder upwards, up to the repository's or the file system's root.
 *
 * @throws DEFINITIONS_NOT_LOADED
 */
export function findDefinitions(folder: string): DefinitionsFile {
  let root = resolve(folder);
  for (;;) {
    for (const candidate of candidates) {
      const path = join(root, candidate);
      if (isFile(path)) return { path, root };
    }
    if (existsSync(join(root, ".git")) || dirname(root) === root) break;
    root = dirname(root);
  }
  throw new MlforgeError(
    "DEFINITIONS_NOT_LOADED",
    `no definitions.ts or src/definitions.ts in ${folder}${root === folder ? "" : ` or above, up to ${root}`}; create one, or name it with --definitions PATH`,
    { path: folder },
  );
}

/** The file given with `--definitions`. @throws DEFINITIONS_NOT_LOADED */
export function givenDefinitions(path: string): DefinitionsFile {
  const absolute = resolve(path);
  if (isFile(absolute)) return { path: absolute, root: process.cwd() };
  throw new MlforgeError("DEFINITIONS_NOT_LOADED", `there is no file at "${path}"; give --definitions the path of a definitions file`, {
    path: absolute,
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
