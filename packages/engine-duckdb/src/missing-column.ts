import { suggest } from "@mlforge/spec";

/** Describes a declared column that is missing from a file. */
export function missingColumn(name: string, path: string, available: readonly string[]): string {
  const hint = suggest(name, available, `it has ${available.join(", ") || "no columns"}`);
  return `no column "${name}" in ${path}; ${hint}`;
}
