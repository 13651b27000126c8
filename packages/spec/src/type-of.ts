import type { Column, NamedColumn, ScalarKind, Schema } from "./column.js";
import { MlforgeError } from "./errors.js";
import type { AggregateCall, Call, Expression, Literal } from "./expression.js";
import { nearest, suggest } from "./nearest.js";
import { callType, commonKind, expectKind, invalidCall, isBoolean, isInteger, isNumeric } from "./signature.js";
import { columnTypeOf, fieldsOf, isNested, isOrdered, kindOf, typeText } from "./type-text.js";

/**
 * Returns the type of an expression over rows of `schema`.
 *
 * @throws COLUMN_UNKNOWN, or DEFINITION_INVALID if a function does not take its arguments.
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
      expectCast(typeOf(expression.value, schema), expression.to.kind);
      return { ...kindOf(expression.to), nullable: typeOf(expression.value, schema).nullable };
    case "case": {
      for (const { when } of expression.branches) expectKind("case", typeOf(when, schema), isBoolean);
      const values = [...expression.branches.map(({ then }) => then), expression.otherwise].map((value) => typeOf(value, schema));
      return { ...commonKind("case", values), nullable: values.some((value) => value.nullable) };
    }
    case "call":
      if (expression.function === "structField") return fieldType(expression, schema);
      return callType(
        expression.function,
        expression.arguments.map((argument) => typeOf(argument, schema)),
      );
  }
}

/** Returns the type of an aggregate over groups of rows of `schema`. Throws like {@link typeOf}. */
export function typeOfAggregate(aggregate: AggregateCall, schema: Schema): Column {
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
      if (input.kind === "vector") return { ...kindOf({ ...input, element: "float64" }), nullable: true };
      expectKind(name, input, isNumeric);
      return { kind: "float64", nullable: true };
    case "collect":
      if (aggregate.by === undefined) throw invalidCall(name, "needs a column to order by");
      if (aggregate.limit !== undefined) expectLimit(name, aggregate.limit);
      return { kind: "list", of: { ...columnTypeOf(input), nullable: false }, nullable: true };
    case "topK":
      expectLimit(name, aggregate.limit);
      expectKind(name, input, isOrdered);
      return { kind: "list", of: { ...columnTypeOf(input), nullable: false }, nullable: true };
    case "mode":
      expectKind(name, input, isOrdered);
      return { ...input, nullable: true };
    case "histogram": {
      const { edges = [] } = aggregate;
      const isRising = edges.every((edge, index) => Number.isFinite(edge) && (index === 0 || edge > (edges[index - 1] ?? 0)));
      if (edges.length === 0 || !isRising) throw invalidCall(name, "needs finite edges, each greater than the one before");
      expectKind(name, input, isNumeric);
      return { kind: "list", of: { kind: "int64", nullable: false }, nullable: false };
    }
    case "approxCountDistinct":
      return { kind: "int64", nullable: false };
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

function fieldType({ function: name, arguments: [struct, field] }: Call, schema: Schema): Column {
  if (struct === undefined || field?.expr !== "literal" || field.value === null)
    throw invalidCall(name, "takes a struct and the name of a field");
  const type = typeOf(struct, schema);
  expectKind(name, type, ({ kind }) => kind === "struct");
  const { name: _, ...found } = findColumn(field.value, fieldsOf(type), "the struct");
  return { ...found, nullable: found.nullable || type.nullable };
}

/** Checks casts of kinds that only strings can be cast to and from. */
function expectCast(from: Column, to: ScalarKind): void {
  if (isNested(from)) throw invalidCall("cast", `does not take a ${typeText(from)}; cast its elements or fields`);
  if (from.kind === "json" && to !== "string" && to !== "json")
    throw invalidCall("cast", `cannot tell which value of the JSON to take; use path("name", ${JSON.stringify(to)})`);
  if (to === "json" && from.kind !== "string" && from.kind !== "json")
    throw invalidCall("cast", `cannot make JSON of a ${from.kind}; cast it to string first`);
  const hasTime = from.kind === "time" || to === "time";
  if (hasTime && from.kind !== to && from.kind !== "string" && to !== "string" && from.kind !== "timestamp")
    throw invalidCall("cast", `cannot make a ${to} of a ${from.kind}`);
}

function expectLimit(name: string, limit: number | undefined): void {
  if (limit === undefined || !Number.isSafeInteger(limit) || limit < 1)
    throw invalidCall(name, `needs a whole number of values, 1 or more, not ${limit}`);
}

/** Returns the column with this name. @throws COLUMN_UNKNOWN with the nearest name. */
export function findColumn(name: string, schema: Schema, where = "the rows"): NamedColumn {
  const column = schema.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  const available = schema.map((candidate) => candidate.name);
  const near = nearest(name, available);
  const hint = suggest(name, available, `known columns: ${available.join(", ") || "none"}`);
  throw new MlforgeError("COLUMN_UNKNOWN", `no column "${name}" in ${where}; ${hint}`, { column: name, where, nearest: near, available });
}

function literalType({ kind, value }: Literal): Column {
  const nullable = value === null;
  if (kind !== "decimal") return { kind, nullable };
  return { kind, precision: 38, scale: value?.split(".")[1]?.length ?? 0, nullable };
}
