import type { Aggregate, ColumnKind, Expression, Literal, Plan, ScalarFunction, ScalarKind, Schema } from "@mlforge/spec";
import { duckdb } from "../src/dialect/duckdb.js";

/** A value in the text form of a literal. */
export type Text = string | null;

export function column(name: string): Expression {
  return { expr: "column", name };
}

export function literal(kind: ScalarKind, value: Text): Literal {
  return { expr: "literal", kind, value };
}

export function call(name: ScalarFunction, ...args: readonly Expression[]): Expression {
  return { expr: "call", function: name, arguments: args };
}

/** A relation of constants. */
export function table(columns: Schema, rows: readonly (readonly Text[])[]): Plan {
  const tuples = rows.map((row) => `(${columns.map((type, index) => duckdb.literal(row[index] ?? null, type)).join(", ")})`);
  const empty = `SELECT ${columns.map((type) => duckdb.literal(null, type)).join(", ")} LIMIT 0`;
  const names = columns.map(({ name }) => duckdb.identifier(name)).join(", ");
  const query = `SELECT * FROM (${tuples.length === 0 ? empty : `VALUES ${tuples.join(", ")}`}) AS t(${names})`;
  return { op: "sql", query, inputs: {}, columns };
}

export function nullable(name: string, kind: ColumnKind, digits: { precision?: number; scale?: number } = {}): Schema[number] {
  return { name, kind, nullable: true, ...digits };
}

/** One row with the value of an expression over no columns. */
export function value(expression: Expression): Plan {
  return { op: "project", input: table([nullable("x", "int32")], [["1"]]), columns: [{ name: "value", value: expression }] };
}

/** One row with the value of an aggregate over all rows. */
export function aggregateOf(input: Plan, aggregate: Aggregate): Plan {
  return { op: "aggregate", input, keys: [], aggregates: [{ name: "value", value: aggregate }] };
}
