import { nearest } from "@mlforge/spec";

/** Says that a column does not exist, and suggests the nearest one. */
export function unknownColumn(name: string, available: readonly string[], where: string): string {
  const near = nearest(name, available);
  return `no column "${name}" in ${where}; ${near === undefined ? `known columns: ${available.join(", ") || "none"}` : `did you mean "${near}"?`}`;
}
