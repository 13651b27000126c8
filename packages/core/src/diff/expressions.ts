import { call, type Expression, literal } from "@mlforge/spec";

export function asFloat64(value: Expression): Expression {
  return { expr: "cast", value, to: { kind: "float64" } };
}

/** Returns the value beside the first true condition, or `otherwise`. */
export function caseOf(branches: readonly (readonly [when: Expression, value: Expression])[], otherwise: Expression): Expression {
  return { expr: "case", branches: branches.map(([when, then]) => ({ when, then })), otherwise };
}

/** Returns the index of the first true condition as int64, or the number of conditions if none is true. */
export function firstTrue(conditions: readonly [Expression, ...Expression[]]): Expression {
  const branches = conditions.map((when, index) => [when, literal("int64", String(index))] as const);
  return caseOf(branches, literal("int64", String(conditions.length)));
}

/** Returns an expression that is true if two values differ, and never null. Null equals null, and NaN equals NaN. */
export function differs(a: Expression, b: Expression): Expression {
  const oneIsNull: readonly (readonly [Expression, Expression])[] = [
    [call("isNull", a), call("isNotNull", b)],
    [call("isNull", b), literal("boolean", "true")],
  ];
  return caseOf(oneIsNull, call("notEqual", a, b));
}
