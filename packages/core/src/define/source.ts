import { type Columns, partitionKinds, type Schema, type SourceFormat } from "@mlforge/spec";
import { DefinitionIssues } from "./definition-issues.js";
import { type DefinitionKind, definitionSymbol, isDefinition } from "./definition-kind.js";
import type { HasColumns } from "./has-columns.js";
import { checkName, showName } from "./name.js";
import { isColumnType } from "./nested-columns.js";
import type { Readable } from "./readable.js";
import type { Simplify } from "./simplify.js";
import { formatOf } from "./source-format.js";
import { declaredPath, stemOf } from "./source-path.js";
import { type QueryOptions, type SourceQuery, sourceQuery } from "./source-query.js";
import { encodingsOf } from "./time-encoding.js";
import { unknownColumn } from "./unknown-column.js";

/**
 * Files or a database query to read rows from. `C` are the columns, including those from folder names. Without declared columns, any name is allowed
 * and is checked when the feature is built.
 */
export interface Source<C extends Columns, T extends string | undefined> extends HasColumns<C>, Readable<C, T> {
  readonly [definitionSymbol]: Extract<DefinitionKind, "source">;
  readonly name: string;
  /** The declared paths, with URLs as strings. Empty for a query. */
  readonly paths: readonly string[];
  /** The database query that is read instead of files. */
  readonly query: SourceQuery | undefined;
  /** The feature whose published rows are read instead of files. */
  readonly upstream: Upstream | undefined;
  readonly format: SourceFormat;
  /** The columns of its files, as declared. */
  readonly columns: Columns | undefined;
  /** The columns whose values come from folder names. */
  readonly partitions: Columns | undefined;
  readonly timestamp: T;
  /** True if its rows are valid at any time, including before they were added. */
  readonly static: boolean;
  /** True if its patterns match files and folders whose names begin with `_` or `.`. */
  readonly hidden: boolean;
  readonly description: string | undefined;
}

/** A feature that another feature reads. */
export interface Upstream {
  readonly name: string;
  /** The columns of its rows. Undefined if they are known only when its sources are read. */
  readonly columns: Schema | undefined;
  /** The features that it reads itself. */
  readonly upstreams: readonly Upstream[];
}

/** Any source. */
export type AnySource = Source<Columns, string | undefined>;

/** The columns of files and of the folder names above them. If the columns of the files are not declared, any name is allowed. */
type WithPartitions<C extends Columns, P extends Columns> = [P] extends [never] ? C : string extends keyof C ? C : Simplify<C & P>;

/** Options of a source that reads files. */
export interface FileOptions {
  /** One or more files or globs. Relative paths start at the working directory. */
  readonly path: string | URL | readonly (string | URL)[];
  /**
   * The format of the files. `docs/sources.md` lists the options of each format. Defaults to the file ending: `.parquet`, `.csv`, `.tsv`, `.ndjson`,
   * `.jsonl`, and compressed text such as `.csv.gz` or `.csv.zst`.
   */
  readonly format?: SourceFormat | undefined;
  readonly connector?: undefined;
  readonly query?: undefined;
  readonly table?: undefined;
  readonly fingerprint?: undefined;
}

/** Options of a source. */
export type SourceOptions<C extends Columns, T extends string | undefined, P extends Columns = Columns> = (FileOptions | QueryOptions) &
  SourceRowOptions<C, T, P>;

export interface SourceRowOptions<C extends Columns, T extends string | undefined, P extends Columns = Columns> {
  /** The columns to read. Defaults to all columns, which are then not checked before the build. */
  readonly columns?: C | undefined;
  /**
   * Columns whose values come from folder names, as written by Hive, Spark, and DuckDB: `{ dt: t.date() }` for `events/dt=2024-01-01/a.parquet`. They
   * are added to the columns of the files, and replace a file column of the same name. Defaults to none.
   */
  readonly partitions?: P | undefined;
  /** The column that says when a row became known, of kind timestamp or date. */
  readonly timestamp?: T | undefined;
  /**
   * Declares that its rows are valid at any time, such as the coordinates of airports, and can be joined to rows of any time. Defaults to false.
   */
  readonly static?: boolean | undefined;
  /**
   * If true, globs match files and folders whose names begin with `_` or `.`, such as `_temporary`. Defaults to false, as in Spark and pyarrow; folders
   * such as `_date=2024-01-01` and names that the glob spells out always match.
   */
  readonly hidden?: boolean | undefined;
  /** The name. Defaults to the file name without its ending, or the name of the table. Required for a query. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

/**
 * Defines a source: files or a database query to read rows from.
 *
 * @throws DEFINITION_INVALID, which lists every problem
 *
 * @example
 * const flights = source({
 *   path: "data/flights.parquet",
 *   columns: { date: t.timestamp(), origin: t.string(), delay: t.int64() },
 *   timestamp: "date",
 * });
 */
export function source<
  const C extends Columns = Columns,
  const P extends Columns = never,
  const T extends (keyof WithPartitions<C, P> & string) | undefined = undefined,
>(options: SourceOptions<C, T, P>): Source<WithPartitions<C, P>, T>;
export function source(options: SourceOptions<Columns, string | undefined>): AnySource {
  const issues = new DefinitionIssues();
  const paths = pathsOf(options.path);
  const name = options.name ?? nameOf(options, paths);
  const at = showName("source", name);
  const query = sourceQuery(options, at, issues);
  if (options.connector === undefined && (paths.length === 0 || paths.some((path) => path.trim() === "")))
    issues.add(`${at}.path`, "expected the path of at least one file");
  if (name === undefined) issues.add("source.name", `${unnamed(options, paths)}; pass name`);
  else checkName(at, name, issues);
  const format = query === undefined ? formatOf(paths, options.format, at, issues) : stagedFormat;
  if (options.columns !== undefined) checkColumns(options.columns, `${at}.columns`, issues);
  if (options.partitions !== undefined) checkPartitions(options.partitions, options.columns, `${at}.partitions`, issues);
  checkTimestamp(options, at, issues);
  issues.check();
  if (name === undefined || format === undefined) throw new TypeError("a source without issues has a name and a format");
  const { columns, partitions, timestamp, static: isStatic = false, hidden = false, description } = options;
  return {
    [definitionSymbol]: "source",
    name,
    paths,
    query,
    upstream: undefined,
    format,
    columns,
    partitions,
    timestamp,
    static: isStatic,
    hidden,
    description,
  };
}

/** The format of a query: core writes its rows to Parquet before an engine reads them. */
const stagedFormat: SourceFormat = { kind: "parquet" };

function nameOf({ table }: { readonly table?: unknown }, paths: readonly string[]): string | undefined {
  return typeof table === "string" ? stemOf(table.replace(/^.*\./s, "")) : stemOf(paths[0] ?? "");
}

function unnamed({ connector }: { readonly connector?: unknown }, paths: readonly string[]): string {
  return connector === undefined ? `the path ${JSON.stringify(paths[0])} does not contain a valid name` : "a query needs a name";
}

export function isSource(candidate: unknown): candidate is AnySource {
  return isDefinition(candidate, "source");
}

/** Checks declared columns: at least one, each of a known type. */
export function checkColumns(columns: Columns, at: string, issues: DefinitionIssues): void {
  const entries = Object.entries(columns);
  if (entries.length === 0) issues.add(at, "expected at least one column");
  for (const [name, column] of entries) {
    if (name === "") issues.add(at, "a column needs a name");
    if (!isColumnType(column)) issues.add(`${at}.${name}`, "expected a column type from t, such as t.int64()");
  }
}

function checkPartitions(partitions: Columns, columns: Columns = {}, at: string, issues: DefinitionIssues): void {
  checkColumns(partitions, at, issues);
  for (const [name, column] of Object.entries(partitions)) {
    if (Object.hasOwn(columns, name))
      issues.add(`${at}.${name}`, `"${name}" is declared in both columns and partitions; remove one of them`);
    if (!isColumnType(column)) continue;
    if (!partitionKinds.includes(column.kind))
      issues.add(`${at}.${name}`, `a folder name cannot contain ${column.kind}; use ${partitionKinds.join(", ")}`);
    if (encodingsOf({ [name]: column }).encodings !== undefined)
      issues.add(
        `${at}.${name}`,
        "timestamps in folder names must be ISO 8601; remove format and unit, or declare t.string() and convert it",
      );
  }
}

function checkTimestamp(
  { columns, partitions, timestamp }: SourceRowOptions<Columns, string | undefined>,
  at: string,
  issues: DefinitionIssues,
): void {
  if (timestamp === undefined) return;
  const declared = { ...columns, ...partitions };
  const column = Object.hasOwn(declared, timestamp) ? declared[timestamp] : undefined;
  if (column === undefined) {
    if (columns !== undefined) issues.add(`${at}.timestamp`, unknownColumn(timestamp, Object.keys(declared), "the declared columns"));
  } else if (column.kind !== "timestamp" && column.kind !== "date") {
    issues.add(`${at}.timestamp`, `the column "${timestamp}" is ${column.kind}; a timestamp must be of kind timestamp or date`);
  }
}

function pathsOf(path: FileOptions["path"] | undefined): readonly string[] {
  const given = typeof path === "string" || path instanceof URL ? [path] : path;
  return Array.isArray(given) ? given.map(declaredPath) : [];
}
