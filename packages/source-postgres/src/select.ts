import type { ConnectorQuery, ReadRequest } from "@mlforge/spec";
import pg from "pg";
import { render } from "./pg-kind.js";
import type { PgColumn } from "./pg-type.js";

/** Returns the FROM item that reads a query or a table. */
export function fromItem(query: ConnectorQuery): string {
  // A comment at the end of the query must not swallow what follows.
  return query.kind === "table" ? `${tableName(query.name)} AS source` : `(${withoutSemicolon(query.text)}\n) AS source`;
}

export function withoutSemicolon(sql: string): string {
  return sql.replace(/[;\s]+$/, "");
}

/** Returns the SELECT that writes the requested columns as text, each under its name. */
function selectText(request: ReadRequest, found: readonly PgColumn[]): string {
  const values = request.columns.map((wanted) => {
    const column = found.find(({ name }) => name === wanted.name);
    const rendering = column === undefined ? undefined : render(`source.${quoted(wanted.name)}`, column.type, wanted);
    if (rendering === undefined || "problem" in rendering) throw new TypeError(`column "${wanted.name}" was not checked`);
    return `${rendering.sql} AS ${quoted(wanted.name)}`;
  });
  return `SELECT ${values.join(", ")} FROM ${fromItem(request.query)}`;
}

/** Returns the COPY statement. Adds a column if there is only one, because a null would be an empty line, which readers skip. */
export function copyText(request: ReadRequest, found: readonly PgColumn[]): string {
  const [only, ...others] = request.columns;
  const rows = selectText(request, found);
  const filled = only === undefined || others.length > 0 ? rows : `SELECT *, 1 AS ${quoted(`${only.name} row`)} FROM (${rows}) AS rows`;
  return `COPY (${filled}) TO STDOUT (FORMAT csv, HEADER true, FORCE_QUOTE *, ENCODING 'UTF8')`;
}

/**
 * Returns the query for a checksum of all rows that does not depend on their order: their number, and sums of two 64-bit hashes of each row's text. OFFSET 0
 * keeps the planner from computing the text once for each hash.
 */
export function checksumText(request: ReadRequest, found: readonly PgColumn[]): string {
  const names = request.columns.map(({ name }) => `rows.${quoted(name)}`);
  const texts = `SELECT ROW(${names.join(", ")})::text AS row_text FROM (${selectText(request, found)}) AS rows OFFSET 0`;
  const sums = [0, 1].map((seed) => `coalesce(sum(hashtextextended(row_text, ${seed})), 0)`);
  return `SELECT concat_ws(' ', count(*), ${sums.join(", ")}) FROM (${texts}) AS texts`;
}

function quoted(name: string): string {
  return pg.escapeIdentifier(name);
}

function tableName(name: string): string {
  return name.split(".").map(quoted).join(".");
}
