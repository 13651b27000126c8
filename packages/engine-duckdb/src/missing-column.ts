import { nearest } from "@mlforge/spec";

/** Describes a declared column that is missing from a file. */
export function missingColumn(name: string, path: string, available: readonly string[]): string {
  const near = nearest(name, available);
  const hint = near === undefined ? `it has ${available.join(", ") || "no columns"}` : `did you mean "${near}"?`;
  return `no column "${name}" in ${path}; ${hint}`;
}
