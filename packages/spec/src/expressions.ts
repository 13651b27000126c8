import type { ScalarKind } from "./column.js";
import type { Call, ColumnReference, Expression, Literal, ScalarFunction } from "./expression.js";

/** Reads a column. */
export function column(name: string): ColumnReference {
  return { expr: "column", name };
}

/** Makes a constant from its text form. */
export function literal(kind: ScalarKind, value: string | null): Literal {
  return { expr: "literal", kind, value };
}

/** Calls a function. */
export function call(name: ScalarFunction, ...args: readonly Expression[]): Call {
  return { expr: "call", function: name, arguments: args };
}
