import { isBuiltin } from "node:module";
import { MlforgeError } from "@mlforge/spec";

/** Explains why a name cannot be used for a project, its folder, and its npm package. Returns undefined if it is valid. */
export function nameProblem(name: string): string | undefined {
  if (name === "") return "a project needs a name";
  if (name.length > 214) return "use at most 214 characters";
  if (!/^[a-z0-9]([a-z0-9._-]*[a-z0-9_-])?$/.test(name)) {
    const proposal = proposedName(name);
    const rule = "use lowercase letters and digits, and . _ - between them";
    return proposal === undefined ? `the name is one folder in the working directory: ${rule}` : `${rule}, such as "${proposal}"`;
  }
  if (isBuiltin(name) || ["node_modules", "favicon.ico"].includes(name)) return "npm reserves this name";
  return undefined;
}

/** Returns a valid name made of the letters and digits of another. Undefined if there is none, or if the other looks like a path. */
function proposedName(name: string): string | undefined {
  if (/[/\\]/.test(name)) return undefined;
  const plain = name
    .normalize("NFKD")
    .replaceAll(/\p{Mark}/gu, "")
    .toLowerCase();
  const proposal = plain.replaceAll(/[^a-z0-9_]+/g, "-").replaceAll(/^[-_]+|-+$/g, "");
  return proposal === "" || nameProblem(proposal) !== undefined ? undefined : proposal;
}

/** Returns the name if it is valid. @throws USAGE_INVALID */
export function checkProjectName(name: string): string {
  const problem = nameProblem(name);
  if (problem === undefined) return name;
  throw new MlforgeError("USAGE_INVALID", `the name ${JSON.stringify(name)} cannot be used: ${problem}`, { argument: "name" });
}
