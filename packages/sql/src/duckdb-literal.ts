import { MlforgeError } from "@mlforge/spec";
import type { Kind } from "./dialect.js";
import { duckdbType } from "./duckdb-type.js";

/** A quoted identifier. */
export function identifier(name: string): string {
  if (name.includes("\0")) {
    throw invalid(`column ${JSON.stringify(name)} has a NUL character in its name; rename it`);
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** An encoded constant. */
export function literal(value: string | null, type: Kind): string {
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

/** An encoded string. DuckDB's parser ends its input at a NUL. */
export function text(value: string): string {
  const parts = value.split("\0").map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts.join("") : `(${parts.join(" || chr(0) || ")})`;
}

/** A value in exactly the type of a kind. */
export function conform(sql: string, to: Kind): string {
  return `CAST(${sql} AS ${duckdbType(to)})`;
}
