import { nearest } from "@mlforge/spec";

/** The problem of a declared column that a file does not have. */
export function missingColumn(name: string, path: string, available: readonly string[]): string {
  const near = nearest(name, available);
  const hint = near === undefined ? `it has ${available.join(", ") || "no columns"}` : `did you mean "${near}"?`;
  return `no column "${name}" in ${path}; ${hint}`;
}
