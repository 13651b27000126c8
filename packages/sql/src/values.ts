import { type ColumnKind, isNested, MlforgeError, type NamedColumn, schemaOf, typeText, type Values } from "@mlforge/spec";
import type { Dialect } from "./dialect.js";

/**
 * Compiles a table of constants.
 *
 * @throws DEFINITION_INVALID if a cell is not in the text form of its kind, which an engine might round or cut.
 */
export function compileValues(plan: Values, dialect: Dialect): string {
  const columns = schemaOf(plan);
  const names = columns.map(({ name }) => dialect.identifier(name));
  if (plan.rows.length === 0) {
    const nulls = columns.map((column, index) => `${dialect.conform(dialect.literal(null, column), column)} AS ${names[index]}`);
    return `SELECT ${nulls.join(", ")}\nWHERE false`;
  }
  const rows = plan.rows.map(
    (row, index) => `(${columns.map((column, place) => cell(row[place] ?? null, column, index, dialect)).join(", ")})`,
  );
  const exact = columns.map((column, index) => `${dialect.conform(names[index] ?? "", column)} AS ${names[index]}`);
  return `SELECT ${exact.join(", ")}\nFROM (\nVALUES ${rows.join(",\n")}\n) AS t(${names.join(", ")})`;
}

function cell(value: string | null, column: NamedColumn, row: number, dialect: Dialect): string {
  if (value !== null && patterns[column.kind]?.(column).test(value) === false) {
    const message = `column "${column.name}" of row ${row} of values is ${JSON.stringify(value)}, which is not written as a ${typeText(column)}`;
    throw new MlforgeError("DEFINITION_INVALID", message, { issues: [{ path: `values[${row}].${column.name}`, message }] });
  }
  if (value === null || !isNested(column)) return dialect.literal(value, column);
  const text = { kind: "string" } as const;
  return dialect.cast({ sql: dialect.literal(value, text), type: text }, column);
}

const integer = (): RegExp => /^-?\d+$/;
const float = (): RegExp => /^(-?\d+(\.\d+)?(e[+-]?\d+)?|NaN|-?Infinity)$/;

/** Matches the text forms that engines read too generously. */
const patterns: Partial<Record<ColumnKind, (column: NamedColumn) => RegExp>> = {
  boolean: () => /^(true|false)$/,
  int32: integer,
  int64: integer,
  float32: float,
  float64: float,
  decimal: ({ scale = 0 }) => (scale === 0 ? integer() : new RegExp(`^-?\\d+(\\.\\d{1,${scale}})?$`)),
  timestamp: () => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/,
  date: () => /^\d{4}-\d\d-\d\d$/,
  time: () => /^\d\d:\d\d:\d\d\.\d{6}$/,
};
