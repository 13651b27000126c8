import type { Connector, ConnectorQuery, RowsFingerprint } from "@mlforge/spec";
import type { DefinitionIssues } from "./definition-issues.js";

/** The database query that a source reads instead of files. */
export interface SourceQuery {
  readonly connector: Connector;
  readonly rows: ConnectorQuery;
  readonly fingerprint: RowsFingerprint;
}

/** Options of a source that reads a database. */
export interface QueryOptions {
  /** The connector that reads the database, for example `postgres({ env: "DATABASE_URL" })` from `@mlforge/source-postgres`. */
  readonly connector: Connector;
  /** The query whose rows are read, in the database's own SQL. Required unless `table` is given. */
  readonly query?: string | undefined;
  /** The table or view to read, as `schema.table`. */
  readonly table?: string | undefined;
  /**
   * How a build detects changed rows. Defaults to `rows`, a checksum of all rows that the database computes. A query such as
   * `{ query: "select count(*), max(updated_at) from orders" }` is cheaper, but misses changes that do not show in its result.
   */
  readonly fingerprint?: "rows" | { readonly query: string } | undefined;
  readonly path?: undefined;
  readonly format?: undefined;
}

/** The database options of a source, unchecked. */
type Given = { readonly [K in "connector" | "query" | "table" | "fingerprint" | "path" | "format" | "partitions" | "hidden"]?: unknown };

/** Returns the query from the options. Undefined for files, and for invalid options, whose problems are added to `issues`. */
export function sourceQuery(options: Given, at: string, issues: DefinitionIssues): SourceQuery | undefined {
  const { connector, query, table, fingerprint } = options;
  if (connector === undefined) {
    for (const name of ["query", "table", "fingerprint"] as const)
      if (options[name] !== undefined) issues.add(`${at}.${name}`, `${name} needs a connector, for example connector: postgres()`);
    return undefined;
  }
  for (const name of ["path", "format", "partitions", "hidden"] as const)
    if (options[name] !== undefined)
      issues.add(`${at}.${name}`, `${name} is for files, and connector reads a database; remove one of the two`);
  if (!isConnector(connector)) {
    issues.add(`${at}.connector`, `expected a connector such as postgres(), got ${kindOf(connector)}`);
    return undefined;
  }
  const rows = rowsOf(query, table, at, issues);
  const how = fingerprintOf(fingerprint, at, issues);
  return rows === undefined || how === undefined ? undefined : { connector, rows, fingerprint: how };
}

/** Describes the query for people: `postgres table public.orders`. */
export function queryText({ connector, rows }: { readonly connector: { readonly name: string }; readonly rows: ConnectorQuery }): string {
  return rows.kind === "table" ? `${connector.name} table ${rows.name}` : `${connector.name} query: ${rows.text.trim()}`;
}

function rowsOf(query: unknown, table: unknown, at: string, issues: DefinitionIssues): ConnectorQuery | undefined {
  if ((query === undefined) === (table === undefined)) {
    issues.add(`${at}.query`, query === undefined ? "pass the query or the table to read" : "pass either query or table, not both");
    return undefined;
  }
  const [name, text] = query === undefined ? (["table", table] as const) : (["query", query] as const);
  if (isText(text)) return name === "table" ? { kind: "table", name: text } : { kind: "query", text };
  issues.add(`${at}.${name}`, `expected a string with text in it, got ${kindOf(text)}`);
  return undefined;
}

function fingerprintOf(fingerprint: unknown, at: string, issues: DefinitionIssues): RowsFingerprint | undefined {
  if (fingerprint === undefined || fingerprint === "rows") return { kind: "rows" };
  if (typeof fingerprint === "object" && fingerprint !== null && "query" in fingerprint && isText(fingerprint.query))
    return { kind: "query", text: fingerprint.query };
  issues.add(`${at}.fingerprint`, 'expected "rows" or { query: "select ..." }');
  return undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

function isConnector(value: unknown): value is Connector {
  if (typeof value !== "object" || value === null) return false;
  const methods = ["locate", "describe", "fingerprint", "read", Symbol.asyncDispose].map((name) => Reflect.get(value, name));
  return Reflect.get(value, "specVersion") === 1 && typeof Reflect.get(value, "name") === "string" && methods.every(isFunction);
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") return value.trim() === "" ? "an empty string" : "a string";
  return typeof value === "object" ? "an object that does not implement spec version 1" : `a ${typeof value}`;
}
