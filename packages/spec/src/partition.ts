import type { ColumnKind } from "./column.js";

/** The kinds that a column in folder names can have. */
export const partitionKinds: readonly ColumnKind[] = ["string", "boolean", "int32", "int64", "float64", "date", "timestamp"];

/** The folder value that means null, as written by Hive, Spark, and DuckDB. */
export const nullPartition = "__HIVE_DEFAULT_PARTITION__";

/**
 * Returns the RE2 pattern of the folders of a column, such as `dt=2024-01-01`, without slashes.
 *
 * Its only group is the value as written. Characters other than letters, digits, and underscores can be percent-encoded in both parts.
 */
export function partitionPattern(column: string): string {
  const name = [...column].map((character) => (/\w/.test(character) ? character : `(?:${literal(character)}|${encoded(character)})`));
  return `${name.join("")}=([^/\\\\]*)`;
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** Matches the percent-encoded UTF-8 bytes of a character, with hexadecimal digits of either case. */
function encoded(character: string): string {
  return [...new TextEncoder().encode(character)]
    .map(
      (byte) =>
        `%${byte
          .toString(16)
          .padStart(2, "0")
          .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)}`,
    )
    .join("");
}
