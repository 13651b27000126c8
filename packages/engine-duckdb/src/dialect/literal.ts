import type { Kind } from "@mlforge/sql";
import { invalidSql } from "./identifier.js";
import { duckdbType } from "./type.js";

/** Encodes a constant. */
export function literal(value: string | null, type: Kind): string {
  if (value === null) return `CAST(NULL AS ${duckdbType(type)})`;
  switch (type.kind) {
    case "string":
      return text(value);
    case "bytes":
      return `from_base64(${text(value)})`;
    case "timestamp":
      // DuckDB would ignore any other time zone.
      if (!value.endsWith("Z")) throw invalidSql(`timestamp literal ${JSON.stringify(value)} does not end in Z; write it in UTC`);
      return conform(text(value), type);
    default:
      return conform(text(value), type);
  }
}

/** Encodes a string. DuckDB's parser ends its input at a NUL. */
export function text(value: string): string {
  const parts = value.split("\0").map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts.join("") : `(${parts.join(" || chr(0) || ")})`;
}

/** Casts a value to exactly the type of a kind. */
export function conform(sql: string, to: Kind): string {
  return `CAST(${sql} AS ${duckdbType(to)})`;
}
