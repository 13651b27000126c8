import { type Column, type Columns, columnKinds, type SourceFormat } from "@mlforge/spec";
import { DefinitionIssues } from "./definition-issues.js";
import { type DefinitionKind, definitionSymbol, isDefinition } from "./definition-kind.js";
import type { HasColumns } from "./has-columns.js";
import { checkName, showName } from "./name.js";
import { checkFormat, formatOf } from "./source-format.js";
import { declaredPath, stemOf } from "./source-path.js";
import { unknownColumn } from "./unknown-column.js";

/** Files to read rows from. `C` are their columns; without declared ones every name is allowed and checked when the feature is built. */
export interface Source<C extends Columns, T extends string | undefined> extends HasColumns<C> {
  readonly [definitionSymbol]: Extract<DefinitionKind, "source">;
  readonly name: string;
  /** As declared; URLs as text. */
  readonly paths: readonly string[];
  readonly format: SourceFormat;
  readonly columns: Columns | undefined;
  readonly timestamp: T;
  readonly description: string | undefined;
}

/** Any source. */
export type AnySource = Source<Columns, string | undefined>;

export interface SourceOptions<C extends Columns, T extends string | undefined> {
  /** A file, a glob, or several. Relative paths start at the working directory. */
  readonly path: string | URL | readonly (string | URL)[];
  /** Unless told, what the file ending says: `.parquet`, `.csv`, `.tsv`, `.ndjson`, `.jsonl`. */
  readonly format?: SourceFormat | undefined;
  /** The columns to read. Without them all are read, and nothing is checked before the build. */
  readonly columns?: C | undefined;
  /** The column that says when a row became known, of kind timestamp or date. */
  readonly timestamp?: T | undefined;
  /** The file name without its ending, unless told. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

/**
 * Files to read rows from.
 *
 * @throws DEFINITION_INVALID with everything that is wrong.
 *
 * @example
 * const flights = source({
 *   path: "data/flights.parquet",
 *   columns: { date: t.timestamp(), origin: t.string(), delay: t.int64() },
 *   timestamp: "date",
 * });
 */
export function source<const C extends Columns = Columns, const T extends (keyof C & string) | undefined = undefined>(
  options: SourceOptions<C, T>,
): Source<C, T>;
export function source(options: SourceOptions<Columns, string | undefined>): AnySource {
  const issues = new DefinitionIssues();
  const paths = pathsOf(options.path);
  const name = options.name ?? stemOf(paths[0] ?? "");
  const at = showName("source", name);
  if (paths.length === 0 || paths.some((path) => path.trim() === ""))
    issues.add(`${at}.path`, "a source needs the path of at least one file");
  if (name === undefined) issues.add("source.name", `the path ${JSON.stringify(paths[0])} suggests no name; give name`);
  else checkName(at, name, issues);
  if (options.format !== undefined) checkFormat(options.format, at, issues);
  const format = options.format ?? formatOf(paths, at, issues);
  if (options.columns !== undefined) checkColumns(options.columns, `${at}.columns`, issues);
  checkTimestamp(options, at, issues);
  issues.check();
  if (name === undefined || format === undefined) throw new TypeError("a source without issues has a name and a format");
  const { columns, timestamp, description } = options;
  return { [definitionSymbol]: "source", name, paths, format, columns, timestamp, description };
}

export function isSource(candidate: unknown): candidate is AnySource {
  return isDefinition(candidate, "source");
}

/** Declared columns: at least one, each of a known type. */
export function checkColumns(columns: Columns, at: string, issues: DefinitionIssues): void {
  const entries = Object.entries(columns);
  if (entries.length === 0) issues.add(at, "at least one column is needed");
  for (const [name, column] of entries) {
    if (name === "") issues.add(at, "a column needs a name");
    if (!isColumn(column)) issues.add(`${at}.${name}`, "this is no column type; use one of t, such as t.int64()");
  }
}

function isColumn(candidate: Column): boolean {
  return (
    typeof candidate === "object" && candidate !== null && columnKinds.includes(candidate.kind) && typeof candidate.nullable === "boolean"
  );
}

function checkTimestamp({ columns, timestamp }: SourceOptions<Columns, string | undefined>, at: string, issues: DefinitionIssues): void {
  if (timestamp === undefined || columns === undefined) return;
  const column = Object.hasOwn(columns, timestamp) ? columns[timestamp] : undefined;
  if (column === undefined) issues.add(`${at}.timestamp`, unknownColumn(timestamp, Object.keys(columns), "the declared columns"));
  else if (column.kind !== "timestamp" && column.kind !== "date") {
    issues.add(`${at}.timestamp`, `the column "${timestamp}" is ${column.kind}; a timestamp must be of kind timestamp or date`);
  }
}

function pathsOf(path: string | URL | readonly (string | URL)[]): readonly string[] {
  const given = typeof path === "string" || path instanceof URL ? [path] : path;
  return Array.isArray(given) ? given.map(declaredPath) : [];
}
