import { elementOf, fieldsOf } from "@mlforge/spec";
import type { Kind } from "./dialect.js";
import { duckdbType } from "./duckdb-type.js";

/**
 * A TIMESTAMPTZ as the TIMESTAMP of its moment in UTC.
 *
 * DuckDB's own conversion asks a calendar and takes ten times as long. Only the infinite ones, which have no microseconds, are left to it.
 */
export function fromUtc(sql: string): string {
  return `coalesce(make_timestamp(epoch_us(${sql})), CAST(${sql} AS TIMESTAMP))`;
}

/** A value as files hold it: a TIMESTAMP in UTC, also inside lists and structs, as a TIMESTAMPTZ. */
export function toUtc(sql: string, { kind, ...type }: Kind): string {
  if (kind === "timestamp") return `coalesce(make_timestamptz(epoch_us(${sql})), CAST(${sql} AS TIMESTAMPTZ))`;
  return hasTimestamp({ kind, ...type }) ? `CAST(${sql} AS ${duckdbType({ kind, ...type }, "TIMESTAMPTZ")})` : sql;
}

function hasTimestamp(type: Kind): boolean {
  if (type.kind === "list") return hasTimestamp(elementOf(type));
  return type.kind === "timestamp" || (type.kind === "struct" && fieldsOf(type).some(hasTimestamp));
}
