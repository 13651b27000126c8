import type { ColumnKind } from "./column.js";

/** The kinds a column can have whose values are in the names of folders. */
export const partitionKinds: readonly ColumnKind[] = ["string", "boolean", "int32", "int64", "float64", "date", "timestamp"];

/** The value of a folder whose rows have null in its column. Hive writes it so, and Spark and DuckDB do too. */
export const nullPartition = "__HIVE_DEFAULT_PARTITION__";

/**
 * The RE2 pattern of a folder that holds the rows of one value of a column, such as `dt=2024-01-01`, without the slashes around it.
 *
 * Its one group is the value as it is written. What is no letter, digit or underscore may be percent-encoded in either part.
 */
export function partitionPattern(column: string): string {
  const name = [...column].map((character) => (/\w/.test(character) ? character : `(?:${literal(character)}|${encoded(character)})`));
  return `${name.join("")}=([^/\\\\]*)`;
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** The bytes of a character in UTF-8, with hexadecimal digits of either case. */
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
