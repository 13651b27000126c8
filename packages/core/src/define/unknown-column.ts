import { suggest } from "@mlforge/spec";

/** Says that a column does not exist, and suggests the nearest one. */
export function unknownColumn(name: string, available: readonly string[], where: string): string {
  return `no column "${name}" in ${where}; ${suggest(name, available, `known columns: ${available.join(", ") || "none"}`)}`;
}
