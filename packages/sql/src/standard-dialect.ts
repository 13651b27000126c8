import type { Dialect, Kind } from "./dialect.js";

/** What standard SQL defines, and what follows from other methods of a dialect. */
type Standard = Pick<Dialect, "isFinite" | "total" | "exactTotal" | "anyValue" | "firstValue" | "nullOf" | "commonTable">;

/** The methods that a dialect must define, and those that it can override. */
export type DialectOverrides = Omit<Dialect, keyof Standard> & Partial<Standard>;

const float64: Kind = { kind: "float64" };

/** Returns a dialect that follows the SQL standard except for the given methods. */
export function standardDialect(overrides: DialectOverrides): Dialect {
  const standard: Standard = {
    isFinite: (sql) => `(${sql} NOT IN (${["NaN", "Infinity", "-Infinity"].map((value) => dialect.literal(value, float64)).join(", ")}))`,
    total: (sql) => `sum(${sql})`,
    exactTotal: (total) => total,
    anyValue: (sql) => `any_value(${sql})`,
    firstValue: (sql, partition, order) =>
      `first_value(${sql}) OVER (${partition}ORDER BY CASE WHEN ${sql} IS NULL THEN 1 ELSE 0 END, ${order})`,
    nullOf: (kind) => dialect.literal(null, kind),
    commonTable: (name, query) => `${name} AS (\n${query}\n)`,
  };
  const dialect: Dialect = { ...standard, ...overrides };
  return dialect;
}
