import { elementOf, fieldsOf } from "@mlforge/spec";
import type { Kind } from "@mlforge/sql";
import { duckdbType } from "./type.js";

/**
 * Converts a TIMESTAMPTZ to a TIMESTAMP in UTC.
 *
 * DuckDB's own conversion uses a calendar and takes ten times as long. It is used only for infinite timestamps, which have no microseconds.
 */
export function fromUtc(sql: string): string {
  return `coalesce(make_timestamp(epoch_us(${sql})), CAST(${sql} AS TIMESTAMP))`;
}

/** Converts a value to its form in files: a TIMESTAMP in UTC becomes a TIMESTAMPTZ, even inside lists and structs. */
export function toUtc(sql: string, { kind, ...type }: Kind): string {
  if (kind === "timestamp") return `coalesce(make_timestamptz(epoch_us(${sql})), CAST(${sql} AS TIMESTAMPTZ))`;
  return hasTimestamp({ kind, ...type }) ? `CAST(${sql} AS ${duckdbType({ kind, ...type }, "TIMESTAMPTZ")})` : sql;
}

function hasTimestamp(type: Kind): boolean {
  if (type.kind === "list") return hasTimestamp(elementOf(type));
  return type.kind === "timestamp" || (type.kind === "struct" && fieldsOf(type).some(hasTimestamp));
}
