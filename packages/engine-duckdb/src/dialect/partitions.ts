import { nullPartition, partitionPattern, type Scan } from "@mlforge/spec";
import { identifier } from "./identifier.js";
import { text } from "./literal.js";
import { duckdbType } from "./type.js";

/** The name of a column for the path of each row's file, which no file is likely to contain. */
const pathColumn = "mlforge path of the file";

/**
 * Returns the reader settings for the partition columns of a scan.
 *
 * Prefers DuckDB's own reading of folder names, because it does not open files that a filter excludes.
 */
export function partitionSettings(scan: Scan): readonly string[] {
  const { partitions = [] } = scan;
  if (partitions.length === 0) return ["hive_partitioning = false"];
  if (!isPlain(scan)) return ["hive_partitioning = false", `filename = ${text(pathColumn)}`];
  const types = partitions.map((column) => `${text(column.name)}: ${text(duckdbType(column))}`);
  return ["hive_partitioning = true", `hive_types = {${types.join(", ")}}`, "hive_types_autocast = false"];
}

/** Returns the extra columns of a reader with these settings, from which the partition columns are made. */
export function partitionColumns(scan: Scan): readonly string[] {
  const { partitions = [] } = scan;
  if (partitions.length === 0) return [];
  return isPlain(scan) ? partitions.map(({ name }) => name) : [pathColumn];
}

/** Returns the value of a partition column from the rows of a reader with these settings: in its own type, or as text. */
export function partitionValue(scan: Scan, name: string): { readonly sql: string; readonly isText: boolean } {
  if (isPlain(scan)) return { sql: identifier(name), isText: false };
  // Use the innermost folder, in case a folder above the files has the same form.
  const folder = text(`(?s:.*)[/\\\\]${partitionPattern(name)}[/\\\\]`);
  return { sql: `url_decode(nullif(regexp_extract(${identifier(pathColumn)}, ${folder}, 1), ${text(nullPartition)}))`, isText: true };
}

/**
 * Returns true if DuckDB reads exactly what the plan says from the folder names of a scan.
 *
 * DuckDB treats every folder with an equals sign as a column, prefers it to a column of the files, takes the outer of two folders with the same name,
 * refuses files with different folders, and reads the text "null" as null.
 */
function isPlain({ paths, columns = [], partitions = [] }: Scan): boolean {
  const wanted = new Set(partitions.map(({ name }) => name));
  const [first, ...others] = paths.map(foldersOf);
  if (first === undefined) return false;
  const names = new Set(first?.keys());
  const inFiles = new Set(columns.filter(({ name }) => !wanted.has(name)).map(({ name }) => name.toLowerCase()));
  return (
    [...wanted].every((name) => names.has(name)) &&
    [...names].every((name) => wanted.has(name) || !(inFiles.has(name.toLowerCase()) || hasAlike(name, wanted))) &&
    others.every((folders) => folders?.size === names.size && [...folders.keys()].every((name) => names.has(name)))
  );
}

function hasAlike(name: string, names: ReadonlySet<string>): boolean {
  return [...names].some((other) => other.toLowerCase() === name.toLowerCase());
}

/** Returns the folders of a path that DuckDB treats as columns, or undefined if it could misread them. */
function foldersOf(path: string): ReadonlyMap<string, string> | undefined {
  if (/[?*[\n]/.test(path)) return undefined;
  const folders = new Map<string, string>();
  for (const folder of path.split(/[/\\]/).slice(0, -1)) {
    const [name, value, ...rest] = folder.split("=");
    if (value === undefined) continue;
    if (name === undefined || !/^\w+$/.test(name) || folders.has(name) || rest.length > 0 || /^null$/i.test(value)) return undefined;
    folders.set(name, value);
  }
  return folders;
}
