import { MlforgeError, type Scan } from "@mlforge/spec";
import type { Dialect, Kind, TypedSql } from "./dialect.js";
import { duckdbAggregate, duckdbCall } from "./duckdb-functions.js";
import { duckdbSource } from "./duckdb-source.js";
import { duckdbType } from "./duckdb-type.js";

/** The SQL of DuckDB 1.5. The session's time zone must be UTC. */
export const duckdb: Dialect = {
  identifier,
  literal,
  type: duckdbType,
  cast,
  call: duckdbCall,
  aggregate: duckdbAggregate,
  conform,
  source: (scan) => duckdbSource(scan, text),
  sourceColumn,
};

function identifier(name: string): string {
  if (name.includes("\0")) {
    throw invalid(`column ${JSON.stringify(name)} has a NUL character in its name; rename it`);
  }
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(value: string | null, type: Kind): string {
  if (value === null) return `CAST(NULL AS ${duckdbType(type)})`;
  switch (type.kind) {
    case "string":
      return text(value);
    case "bytes":
      return `from_base64(${text(value)})`;
    case "timestamp":
      // DuckDB would ignore any other zone.
      if (!value.endsWith("Z")) throw invalid(`timestamp literal ${JSON.stringify(value)} does not end in Z; write it in UTC`);
      return conform(text(value), type);
    default:
      return conform(text(value), type);
  }
}

function invalid(message: string): MlforgeError<"DEFINITION_INVALID"> {
  return new MlforgeError("DEFINITION_INVALID", message, { issues: [{ path: "sql", message }] });
}

/** DuckDB's parser ends its input at a NUL. */
function text(value: string): string {
  const parts = value.split("\0").map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts.join("") : `(${parts.join(" || chr(0) || ")})`;
}

function cast({ sql, type }: TypedSql, to: Kind): string {
  if (type.kind === "string" && to.kind === "bytes") return `encode(${sql})`;
  if (type.kind === "bytes" && to.kind === "string") return `decode(${sql})`;
  return type.kind === "string" ? fromText(sql, to) : conform(sql, to);
}

/** A value out of text. DuckDB's own casts would ignore a zone in a TIMESTAMP and whatever follows a DATE, and round numbers. */
function fromText(sql: string, to: Kind): string {
  switch (to.kind) {
    case "string":
      return sql;
    case "timestamp":
      return `(CAST(${sql} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')`;
    case "date":
      return `CAST(strptime(${sql}, '%Y-%m-%d') AS DATE)`;
    case "bytes":
      return `from_base64(${sql})`;
    case "int32":
    case "int64":
    case "decimal":
      // In quotation marks it is no number, so that the cast fails and shows it.
      return conform(`CASE WHEN regexp_full_match(${sql}, ${text(exactNumber(to))}) THEN ${sql} ELSE '"' || ${sql} || '"' END`, to);
    default:
      return conform(sql, to);
  }
}

/** The numbers with no more digits after the point than the kind has, zeros aside. */
function exactNumber({ scale = 0 }: Kind): string {
  return `\\s*[+-]?\\d*(\\.\\d{0,${scale}}0*)?\\s*`;
}

function conform(sql: string, to: Kind): string {
  return `CAST(${sql} AS ${duckdbType(to)})`;
}

function sourceColumn({ format }: Scan, name: string, to: Kind): string {
  const column = identifier(name);
  if (format.kind === "parquet") return conform(column, to);
  // A quoted empty field is a string without characters, and nothing in every other kind.
  const value = format.kind === "csv" && to.kind !== "string" ? `nullif(${column}, '')` : column;
  return fromText(value, to);
}
