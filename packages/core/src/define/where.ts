import { type AggregateCall, type Column, call, type Expression, isNested, type Schema, typeOf } from "@mlforge/spec";
import { nullOf } from "./constant.js";
import { definitionInvalid } from "./definition-issues.js";
import { isTyped, type Typed, valueSymbol } from "./typed.js";

/** Options of every aggregate. */
export interface WhereOptions {
  /** Aggregates only the rows for which this is true. Defaults to all rows of the group. */
  readonly where?: Typed<"boolean"> | undefined;
}

/** Reads the option `where`. @throws DEFINITION_INVALID if it is not a condition */
export function conditionIn(options: unknown, method: string): Typed | undefined {
  if (options === undefined) return undefined;
  if (typeof options !== "object" || options === null || isTyped(options))
    throw definitionInvalid(method, `${method} takes its condition as an option: ${method}({ where: amount.gt(0) })`);
  if (!("where" in options) || options.where === undefined) return undefined;
  const { where } = options;
  if (!isTyped(where)) throw definitionInvalid(method, `where of ${method} needs an expression, such as amount.gt(0)`);
  const { kind } = where[valueSymbol].type;
  if (kind !== "boolean") throw definitionInvalid(method, `where of ${method} needs a boolean condition, got ${kind}`);
  return where;
}

/**
 * Returns an aggregate over the rows for which a condition is true. In all other rows, a value that the aggregate needs becomes null, and every
 * aggregate skips nulls, so plans need nothing of their own for it.
 *
 * @throws DEFINITION_INVALID for values of a nested kind that the aggregate cannot do without
 */
export function aggregateWhere(aggregate: AggregateCall, where: Typed, rows: Schema | undefined): AggregateCall {
  const { function: name, input, by } = aggregate;
  const condition = where[valueSymbol].expression;
  if (input === undefined) return { ...aggregate, input: trueWhere(condition) };
  const schema = rows ?? [];
  if ((name === "first" || name === "last") && by !== undefined) return { ...aggregate, by: nullUnless(condition, by, typeOf(by, schema)) };
  const type = typeOf(input, schema);
  if (!isNested(type)) return { ...aggregate, input: nullUnless(condition, input, type) };
  if (name === "count") return { ...aggregate, input: trueWhere(call("and", condition, call("isNotNull", input))) };
  throw definitionInvalid(name, `where cannot leave out values of kind ${type.kind}; use filter before groupBy`);
}

function trueWhere(condition: Expression): Expression {
  const yes = { expr: "literal", kind: "boolean", value: "true" } as const;
  return nullUnless(condition, yes, { kind: "boolean", nullable: false });
}

function nullUnless(when: Expression, then: Expression, type: Column): Expression {
  const chosen: Expression = { expr: "case", branches: [{ when, then }], otherwise: nullOf(type) };
  if (type.kind !== "decimal") return chosen;
  // The decimal that holds the value and a null of any decimal has more digits than the value.
  const { kind, precision, scale } = type;
  return { expr: "cast", value: chosen, to: { kind, precision, scale } };
}
