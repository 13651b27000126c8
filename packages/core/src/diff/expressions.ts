import { call, type Expression, literal } from "@mlforge/spec";

/** Two finite floats that differ by at most this share of the smaller one differ by rounding: by the order of an addition, for example. */
const rounding = "1e-9";

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

/** Returns an expression that is true if two numbers are finite and so close that rounding explains the difference. Never null. */
export function isRounding(a: Expression, b: Expression): Expression {
  const [x, y] = [asFloat64(a), asFloat64(b)];
  const smaller = call("least", call("absolute", x), call("absolute", y));
  const isClose = call("lessOrEqual", call("absolute", call("subtract", x, y)), call("multiply", literal("float64", rounding), smaller));
  const no = literal("boolean", "false");
  return caseOf(
    [
      [call("or", call("isNull", a), call("isNull", b)), no],
      [call("or", call("isNaN", x), call("isNaN", y)), no],
      [call("equal", smaller, literal("float64", "Infinity")), no],
    ],
    isClose,
  );
}
