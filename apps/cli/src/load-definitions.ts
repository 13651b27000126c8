import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Definitions, isDefinitions, profileVariable } from "@mlforge/core";
import { type ErrorCode, isMlforgeError, MlforgeError } from "@mlforge/spec";
import { createJiti } from "jiti";
import { displayPath } from "./display-path.js";
import { type DefinitionsFile, findDefinitions, givenDefinitions } from "./find-definitions.js";
import { loadProblem } from "./load-problem.js";
import { frameWithin } from "./stack-frame.js";

/**
 * Loads the definitions of the project.
 *
 * Changes to the project folder before it loads a file that it found, so that relative paths do not depend on where the command is run.
 * With `given`, keeps the working directory.
 *
 * @throws DEFINITIONS_NOT_LOADED, DEFINITION_INVALID, COLUMN_UNKNOWN, and for the profile NAME_UNKNOWN, PROFILE_FAILED
 */
export async function loadDefinitions(given: string | undefined, profile: string | undefined): Promise<Definitions> {
  if (profile !== undefined) process.env[profileVariable] = profile;
  const file = given === undefined ? findDefinitions(process.cwd()) : givenDefinitions(given);
  process.chdir(file.root);
  return onlyDefinitions(file, await evaluate(file));
}

async function evaluate({ path }: DefinitionsFile): Promise<object> {
  const jiti = createJiti(path, { fsCache: cacheFolder(dirname(path)) });
  try {
    return await jiti.import<object>(path);
  } catch (error) {
    const at = frameWithin(error, dirname(path));
    const where = at === undefined ? "" : ` (${displayPath(at.path)}:${at.line})`;
    if (isMlforgeError(error, "DEFINITION_INVALID", "COLUMN_UNKNOWN", "NAME_UNKNOWN", "PROFILE_FAILED")) throw located(error, where);
    throw new MlforgeError("DEFINITIONS_NOT_LOADED", loadProblem(error, path, where).split("\n"), { path }, { cause: error });
  }
}

function located<C extends ErrorCode>(error: MlforgeError<C>, where: string): MlforgeError<C> {
  return new MlforgeError(error.code, `${error.message}${where}`, error.details, { cause: error });
}

/** Finds the folder that caches compiled definitions: in the nearest node_modules, as other tools do. Without one, nothing is cached. */
function cacheFolder(folder: string): string | false {
  const modules = join(folder, "node_modules");
  if (existsSync(modules)) return join(modules, ".cache", "mlforge");
  return dirname(folder) === folder ? false : cacheFolder(dirname(folder));
}

function onlyDefinitions({ path }: DefinitionsFile, module: object): Definitions {
  const found = new Map<Definitions, string>();
  for (const [name, value] of Object.entries(module)) {
    if (isDefinitions(value) && !found.has(value)) found.set(value, name);
  }
  const [first, ...others] = found.keys();
  if (first !== undefined && others.length === 0) return first;
  const message =
    first === undefined
      ? `${displayPath(path)} exports no Definitions; add: export const defs = new Definitions({ ... })`
      : `${displayPath(path)} exports ${found.size} different Definitions: ${[...found.values()].join(", ")}; export only one of them`;
  throw new MlforgeError("DEFINITIONS_NOT_LOADED", message, { path });
}
