import type { ColumnKind } from "@mlforge/spec";
import type { Kind } from "./dialect.js";

const names: Readonly<Record<Exclude<ColumnKind, "decimal">, string>> = {
  string: "VARCHAR",
  boolean: "BOOLEAN",
  int32: "INTEGER",
  int64: "BIGINT",
  float32: "FLOAT",
  float64: "DOUBLE",
  timestamp: "TIMESTAMP",
  date: "DATE",
  bytes: "BLOB",
};

/** DuckDB's name of the type that holds a kind, as DESCRIBE writes it. */
export function duckdbType({ kind, precision = 38, scale = 0 }: Kind): string {
  return kind === "decimal" ? `DECIMAL(${precision},${scale})` : names[kind];
}
