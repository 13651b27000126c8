import { elementOf, fieldsOf, type ScalarKind, vectorOf } from "@mlforge/spec";
import type { Kind } from "@mlforge/sql";
import { identifier } from "./identifier.js";

const names: Readonly<Record<Exclude<ScalarKind, "decimal" | "timestamp">, string>> = {
  string: "VARCHAR",
  boolean: "BOOLEAN",
  int32: "INTEGER",
  int64: "BIGINT",
  float32: "FLOAT",
  float64: "DOUBLE",
  date: "DATE",
  bytes: "BLOB",
  time: "TIME",
  json: "JSON",
};

/** Returns DuckDB's type for a kind, for use in a cast. @param timestamp The type of the timestamps in it. Defaults to `TIMESTAMP`, in UTC. */
export function duckdbType(type: Kind, timestamp: "TIMESTAMP" | "TIMESTAMPTZ" = "TIMESTAMP"): string {
  switch (type.kind) {
    case "decimal":
      return `DECIMAL(${type.precision ?? 38},${type.scale ?? 0})`;
    case "list":
      return `${duckdbType(elementOf(type), timestamp)}[]`;
    case "vector":
      // DuckDB has fixed-length arrays, but not every CASE, aggregate, or join accepts them.
      return `${names[vectorOf(type).element]}[]`;
    case "struct":
      return `STRUCT(${fieldsOf(type)
        .map(({ name, ...field }) => `${identifier(name)} ${duckdbType(field, timestamp)}`)
        .join(", ")})`;
    case "timestamp":
      return timestamp;
    default:
      return names[type.kind];
  }
}
