import { nearest } from "@mlforge/spec";

/** Says that a column is not there, and which one may be meant. */
export function unknownColumn(name: string, available: readonly string[], where: string): string {
  const near = nearest(name, available);
  return `no column "${name}" in ${where}; ${near === undefined ? `there are ${available.join(", ") || "none"}` : `did you mean "${near}"?`}`;
}
