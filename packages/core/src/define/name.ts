import type { DefinitionIssues } from "./definition-issues.js";

const namePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** Returns true if this is a valid name for a feature, an entity, or a source. Names become folders and columns. */
export function isName(candidate: unknown): candidate is string {
  return typeof candidate === "string" && namePattern.test(candidate);
}

/** Formats a name for the path of an issue, even if it is invalid. */
export function showName(what: string, candidate: unknown): string {
  return isName(candidate) ? candidate : what;
}

export function checkName(what: string, candidate: unknown, issues: DefinitionIssues): void {
  if (isName(candidate)) return;
  const shown =
    typeof candidate === "string" && candidate.length > 60 ? `${candidate.slice(0, 60)}... (${candidate.length} characters)` : candidate;
  const rule = "use 1 to 128 letters, digits, and underscores, not starting with a digit";
  issues.add(`${what}.name`, `the name ${JSON.stringify(shown)} is not allowed; ${rule}${proposal(candidate)}`);
}

/** Returns the advice to use a valid name made of the letters and digits of an invalid one, or nothing if that is not one. */
function proposal(candidate: unknown): string {
  if (typeof candidate !== "string") return "";
  const plain = candidate.normalize("NFKD").replaceAll(/\p{Mark}/gu, "");
  const words = plain.replaceAll(/[^A-Za-z0-9]+/g, "_").replaceAll(/^_+|_+$/g, "");
  return isName(words.toLowerCase()) ? `, such as "${words.toLowerCase()}"` : "";
}
