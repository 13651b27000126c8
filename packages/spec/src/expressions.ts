import type { ScalarKind } from "./column.js";
import type { AggregateCall, Call, ColumnReference, Expression, Literal, ScalarFunction } from "./expression.js";
import type { RollingOutput } from "./plan.js";

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

/** Returns the aggregate that an output of a rolling aggregate computes over the rows of its window. */
export function rollingCall({ function: name, column: input, by, quantile, limit, descending, edges }: RollingOutput): AggregateCall {
  return { function: name, input: column(input), by: by === undefined ? undefined : column(by), quantile, limit, descending, edges };
}
