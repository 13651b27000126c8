import { type DefinitionIssue, isMlforgeError } from "@mlforge/spec";

/** The issues that `define` throws, none if it does not throw. */
export function issuesOf(define: () => unknown): readonly DefinitionIssue[] {
  try {
    define();
    return [];
  } catch (error) {
    if (isMlforgeError(error, "DEFINITION_INVALID")) return error.details.issues;
    throw error;
  }
}
