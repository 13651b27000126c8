import { nullPartition, partitionPattern, type Scan } from "@mlforge/spec";
import { identifier } from "./duckdb-identifier.js";
import { text } from "./duckdb-literal.js";
import { duckdbType } from "./duckdb-type.js";

/** A column for the path of each row's file, which no file is likely to have. */
const pathColumn = "mlforge path of the file";

/**
 * The settings of a reader with which the partition columns of a scan can be read.
 *
 * DuckDB's own reading of folder names comes first, for it opens no file that a filter on them rules out.
 */
export function partitionSettings(scan: Scan): readonly string[] {
  const { partitions = [] } = scan;
  if (partitions.length === 0) return ["hive_partitioning = false"];
  if (!isPlain(scan)) return ["hive_partitioning = false", `filename = ${text(pathColumn)}`];
  const types = partitions.map((column) => `${text(column.name)}: ${text(duckdbType(column))}`);
  return ["hive_partitioning = true", `hive_types = {${types.join(", ")}}`, "hive_types_autocast = false"];
}

/** The columns beside those of the files that a reader with these settings gives, from which the partition columns are made. */
export function partitionColumns(scan: Scan): readonly string[] {
  const { partitions = [] } = scan;
  if (partitions.length === 0) return [];
  return isPlain(scan) ? partitions.map(({ name }) => name) : [pathColumn];
}

/** The value of a partition column out of the rows that a reader with these settings gives: of its own type, or text. */
export function partitionValue(scan: Scan, name: string): { readonly sql: string; readonly isText: boolean } {
  if (isPlain(scan)) return { sql: identifier(name), isText: false };
  // The innermost, where the place in which the files are has such a folder too.
  const folder = text(`(?s:.*)[/\\\\]${partitionPattern(name)}[/\\\\]`);
  return { sql: `url_decode(nullif(regexp_extract(${identifier(pathColumn)}, ${folder}, 1), ${text(nullPartition)}))`, isText: true };
}

/**
 * Whether DuckDB reads from the folder names of a scan exactly what the plan says.
 *
 * It takes every folder with an equals sign for a column, in place of one that is in the files, and of two with one name the outer one; refuses files that
 * differ in them; and takes the text "null" for null.
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

/** The folders of a path that DuckDB takes for columns; undefined where it may read them otherwise than they are written. */
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
