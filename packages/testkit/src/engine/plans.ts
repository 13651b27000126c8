import type { AggregateCall, Column, ColumnKind, Expression, NamedColumn, Plan, Schema, Values } from "@mlforge/spec";

export { call, column, literal } from "@mlforge/spec";

/** A value in the text form of a literal. */
export type Text = string | null;

/** Returns `then` if the condition is true, or else `otherwise`. */
export function choice(when: Expression, then: Expression, otherwise: Expression): Expression {
  return { expr: "case", branches: [{ when, then }], otherwise };
}

/** Returns a table of constants. Missing cells at the end of a row are null. */
export function table(columns: Schema, rows: readonly (readonly Text[])[]): Values {
  return { op: "values", columns, rows: rows.map((row) => columns.map((_, index) => row[index] ?? null)) };
}

export function nullable(name: string, kind: ColumnKind, details: Partial<Column> = {}): NamedColumn {
  return { name, kind, nullable: true, ...details };
}

export function sorted(input: Plan, ...by: readonly string[]): Plan {
  return { op: "sort", input, by };
}

/** Returns a plan of one row with the value of an expression over no columns. */
export function value(expression: Expression): Plan {
  return { op: "project", input: table([nullable("x", "string")], [["1"]]), columns: [{ name: "value", value: expression }] };
}

/** Returns a plan of one row with the value of an aggregate over all rows. */
export function aggregateOf(input: Plan, aggregate: AggregateCall): Plan {
  return { op: "aggregate", input, keys: [], aggregates: [{ name: "value", value: aggregate }] };
}
