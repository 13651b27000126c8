import { standardAsOfJoin } from "./as-of-join.js";
import type { Dialect, Kind } from "./dialect.js";
import { unsupported } from "./unsupported.js";

/** Methods that standard SQL defines, that follow from other methods, or that an engine can do without. */
type Standard = Pick<
  Dialect,
  | "isFinite"
  | "total"
  | "exactTotal"
  | "anyValue"
  | "firstValue"
  | "nullOf"
  | "commonTable"
  | "asOfJoin"
  | "source"
  | "sourceColumn"
  | "required"
  | "checksum"
  | "numberRows"
  | "zip"
>;

/** The methods that a dialect must define, and those that it can override. */
export type DialectOverrides = Omit<Dialect, keyof Standard> & Partial<Standard>;

const float64: Kind = { kind: "float64" };

/**
 * Returns a dialect that follows the SQL standard except for the given methods.
 *
 * Compiling a plan that reads files, numbers rows, zips files, or computes checksums throws CAPABILITY_MISSING unless the methods for it are given.
 */
export function standardDialect(overrides: DialectOverrides): Dialect {
  const lacks = (capability: string) => (): never => {
    throw unsupported(overrides.name, capability);
  };
  const standard: Standard = {
    isFinite: (sql) => `(${sql} NOT IN (${["NaN", "Infinity", "-Infinity"].map((value) => dialect.literal(value, float64)).join(", ")}))`,
    total: (sql) => `sum(${sql})`,
    exactTotal: (total) => total,
    anyValue: (sql) => `any_value(${sql})`,
    firstValue: (sql, partition, order) =>
      `first_value(${sql}) OVER (${partition}ORDER BY CASE WHEN ${sql} IS NULL THEN 1 ELSE 0 END, ${order})`,
    nullOf: (kind) => dialect.literal(null, kind),
    commonTable: (name, query) => `${name} AS (\n${query}\n)`,
    asOfJoin: (plan, left, right) => standardAsOfJoin(plan, left, right, dialect),
    source: lacks("scans of files"),
    sourceColumn: lacks("scans of files"),
    required: lacks("scans of files"),
    checksum: lacks("checksums of rows"),
    numberRows: lacks("numbers of rows"),
    zip: lacks("zipped files"),
  };
  const dialect: Dialect = { ...standard, ...overrides };
  return dialect;
}
