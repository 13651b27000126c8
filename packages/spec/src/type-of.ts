import type { Column, NamedColumn, Schema } from "./column.js";
import { MlforgeError } from "./errors.js";
import type { Aggregate, Expression, Literal } from "./expression.js";
import { nearest } from "./nearest.js";
import { callType, commonKind, expectKind, invalidCall, isBoolean, isInteger, isNumeric } from "./signature.js";
import { isOrdered, kindOf } from "./type-text.js";

/**
 * The type of an expression over rows of `schema`.
 *
 * @throws COLUMN_UNKNOWN, or DEFINITION_INVALID where a function does not take its arguments.
 */
export function typeOf(expression: Expression, schema: Schema): Column {
  switch (expression.expr) {
    case "column": {
      const { name: _, ...type } = findColumn(expression.name, schema);
      return type;
    }
    case "literal":
      return literalType(expression);
    case "cast":
      return { ...kindOf(expression.to), nullable: typeOf(expression.value, schema).nullable };
    case "case": {
      for (const { when } of expression.branches) expectKind("case", typeOf(when, schema), isBoolean);
      const values = [...expression.branches.map(({ then }) => then), expression.otherwise].map((value) => typeOf(value, schema));
      return { ...commonKind("case", values), nullable: values.some((value) => value.nullable) };
    }
    case "call":
      return callType(
        expression.function,
        expression.arguments.map((argument) => typeOf(argument, schema)),
      );
  }
}

/** The type of an aggregate over groups of rows of `schema`. Throws as {@link typeOf} does. */
export function typeOfAggregate(aggregate: Aggregate, schema: Schema): Column {
  const name = aggregate.function;
  if (aggregate.by !== undefined) expectKind(name, typeOf(aggregate.by, schema), isOrdered);
  if (aggregate.input === undefined) {
    if (name === "count") return { kind: "int64", nullable: false };
    throw invalidCall(name, "needs a column");
  }
  const input = typeOf(aggregate.input, schema);
  switch (name) {
    case "count":
    case "countDistinct":
      return { kind: "int64", nullable: false };
    case "sum":
      expectKind(name, input, isNumeric);
      if (isInteger(input)) return { kind: "int64", nullable: true };
      return input.kind === "decimal"
        ? { kind: "decimal", precision: 38, scale: input.scale ?? 0, nullable: true }
        : { kind: "float64", nullable: true };
    case "quantile":
      if (aggregate.quantile === undefined || !(aggregate.quantile >= 0 && aggregate.quantile <= 1)) {
        throw invalidCall(name, "needs a number from 0 to 1");
      }
      expectKind(name, input, isNumeric);
      return { kind: "float64", nullable: true };
    case "mean":
    case "std":
    case "var":
    case "median":
      expectKind(name, input, isNumeric);
      return { kind: "float64", nullable: true };
    case "any":
    case "every":
      expectKind(name, input, isBoolean);
      return { kind: "boolean", nullable: true };
    case "first":
    case "last":
      if (aggregate.by === undefined) throw invalidCall(name, "needs a column to order by");
      return { ...input, nullable: true };
    case "min":
    case "max":
      expectKind(name, input, isOrdered);
      return { ...input, nullable: true };
  }
}

/** The column of this name. @throws COLUMN_UNKNOWN with the nearest name. */
export function findColumn(name: string, schema: Schema, where = "the rows"): NamedColumn {
  const column = schema.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  const available = schema.map((candidate) => candidate.name);
  const near = nearest(name, available);
  const hint = near === undefined ? `there are ${available.join(", ") || "no columns"}` : `did you mean "${near}"?`;
  throw new MlforgeError("COLUMN_UNKNOWN", `no column "${name}" in ${where}; ${hint}`, { column: name, where, nearest: near, available });
}

function literalType({ kind, value }: Literal): Column {
  const nullable = value === null;
  if (kind !== "decimal") return { kind, nullable };
  return { kind, precision: 38, scale: value?.split(".")[1]?.length ?? 0, nullable };
}
