import { type AggregateCall, type Expression, isSameType, type Schema, typeOf, typeOfAggregate } from "@mlforge/spec";
import { argumentKinds } from "./argument-kinds.js";
import type { Dialect, Kind, TypedSql } from "./dialect.js";

/** Returns the SQL of an expression over rows of `schema`. */
export function compileExpression(expression: Expression, schema: Schema, dialect: Dialect): TypedSql {
  const type = typeOf(expression, schema);
  const compile = (inner: Expression): TypedSql => compileExpression(inner, schema, dialect);
  switch (expression.expr) {
    case "column":
      return { type, sql: dialect.identifier(expression.name) };
    case "literal":
      return { type, sql: dialect.literal(expression.value, type) };
    case "cast":
      return { type, sql: dialect.cast(compile(expression.value), type) };
    case "case": {
      const branches = expression.branches.map(
        ({ when, then }) => `WHEN ${compile(when).sql} THEN ${convert(compile(then), type, dialect)}`,
      );
      return { type, sql: `CASE ${branches.join(" ")} ELSE ${convert(compile(expression.otherwise), type, dialect)} END` };
    }
    case "call": {
      const types = expression.arguments.map((argument) => typeOf(argument, schema));
      const kinds = argumentKinds(expression.function, types, type);
      const values = expression.arguments.map((argument, index) => {
        const kind = kinds[index] ?? type;
        return { type: kind, sql: convert(compile(argument), kind, dialect) };
      });
      return { type, sql: dialect.call(expression.function, values, type) };
    }
  }
}

/** Returns the SQL of an aggregate over groups of rows of `schema`. */
export function compileAggregate(aggregate: AggregateCall, schema: Schema, dialect: Dialect): string {
  const compile = (inner: Expression | undefined): TypedSql | undefined =>
    inner === undefined ? undefined : compileExpression(inner, schema, dialect);
  return dialect.aggregate(
    { ...aggregate, input: compile(aggregate.input), by: compile(aggregate.by) },
    typeOfAggregate(aggregate, schema),
  );
}

/** Casts the value to the kind `to` if it has another kind. */
function convert(value: TypedSql, to: Kind, dialect: Dialect): string {
  const { type } = value;
  return isSameType(type, to) ? value.sql : dialect.cast(value, to);
}
