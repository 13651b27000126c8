import type { ColumnKind } from "@mlforge/spec";
import type { Kind } from "@mlforge/sql";

const kinds: Readonly<Record<string, ColumnKind>> = {
  VARCHAR: "string",
  UUID: "string",
  BOOLEAN: "boolean",
  TINYINT: "int32",
  SMALLINT: "int32",
  INTEGER: "int32",
  UTINYINT: "int32",
  USMALLINT: "int32",
  BIGINT: "int64",
  UINTEGER: "int64",
  FLOAT: "float32",
  DOUBLE: "float64",
  TIMESTAMP: "timestamp",
  TIMESTAMP_S: "timestamp",
  TIMESTAMP_MS: "timestamp",
  TIMESTAMP_NS: "timestamp",
  "TIMESTAMP WITH TIME ZONE": "timestamp",
  DATE: "date",
  BLOB: "bytes",
};

const digits: Readonly<Record<string, number>> = { UBIGINT: 20, HUGEINT: 38 };

/** The kind that holds every value of a DuckDB type, given by its name; `undefined` where none does. */
export function columnKind(type: string): Kind | undefined {
  const kind = kinds[type];
  if (kind !== undefined) return { kind };
  const precision = digits[type];
  if (precision !== undefined) return { kind: "decimal", precision, scale: 0 };
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
  if (decimal !== null) return { kind: "decimal", precision: Number(decimal[1]), scale: Number(decimal[2]) };
  return type.startsWith("ENUM(") ? { kind: "string" } : undefined;
}

/** Whether a column of the kind `to` holds every value of the kind `from`. */
export function holds(to: Kind, from: Kind): boolean {
  if (to.kind === "decimal") {
    const wanted = integerDigits[from.kind] ?? (from.kind === "decimal" ? (from.precision ?? 38) - (from.scale ?? 0) : undefined);
    return wanted !== undefined && (to.scale ?? 0) >= (from.scale ?? 0) && (to.precision ?? 38) - (to.scale ?? 0) >= wanted;
  }
  return to.kind === from.kind || (widened[from.kind] ?? []).includes(to.kind);
}

const integerDigits: Readonly<Partial<Record<ColumnKind, number>>> = { int32: 10, int64: 19 };

const widened: Readonly<Partial<Record<ColumnKind, readonly ColumnKind[]>>> = {
  int32: ["int64", "float64"],
  float32: ["float64"],
  date: ["timestamp"],
};
