import { isBuiltin } from "node:module";
import { MlforgeError } from "@mlforge/spec";

/** What is wrong with a name for a project, which becomes a folder and the name of a package of npm; undefined where nothing is. */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "a project needs a name";
  if (name.length > 214) return "a name has at most 214 characters";
  if (name !== name.toLowerCase()) return `a name has no capitals; use "${name.toLowerCase()}"`;
  if (!/^[a-z0-9]([a-z0-9._-]*[a-z0-9_-])?$/.test(name))
    return "a name is one folder of the working directory: letters, digits, and between them . _ -";
  if (isBuiltin(name) || ["node_modules", "favicon.ico"].includes(name)) return "npm keeps this name for itself";
  return undefined;
}

/** @throws USAGE_INVALID */
export function checkProjectName(name: string): string {
  const problem = nameProblem(name);
  if (problem === undefined) return name;
  throw new MlforgeError("USAGE_INVALID", `the name ${JSON.stringify(name)} cannot be used: ${problem}`, { argument: "name" });
}
