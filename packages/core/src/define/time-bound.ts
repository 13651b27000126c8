import { type Expression, type Literal, type Schema, typeOf } from "@mlforge/spec";

const microsecondsOfDay = 86_400_000_000n;

/** Returns true if a non-null expression is provably at least as late as one of the `clocks` of its row. */
export function isAtLeast(expression: Expression, clocks: ReadonlySet<string>, schema: Schema): boolean {
  const offset = offsetOf(expression, clocks, schema);
  return offset === "never" || (offset !== undefined && offset >= 0n);
}

/**
 * Returns a lower bound for an expression, in microseconds after one of the clocks. `never` means that the expression is always null. Undefined means
 * unknown.
 */
function offsetOf(expression: Expression, clocks: ReadonlySet<string>, schema: Schema): bigint | "never" | undefined {
  const offset = (each: Expression): bigint | "never" | undefined => offsetOf(each, clocks, schema);
  switch (expression.expr) {
    case "column":
      return clocks.has(expression.name) ? 0n : undefined;
    case "literal":
      return expression.value === null ? "never" : undefined;
    case "case":
      return earliest([...expression.branches.map(({ then }) => then), expression.otherwise].map(offset));
    case "cast": {
      const { value, to } = expression;
      const { kind } = typeOf(value, schema);
      if (kind === to.kind || (kind === "date" && to.kind === "timestamp")) return offset(value);
      return kind === "timestamp" && to.kind === "date" ? shifted(offset(value), 1n - microsecondsOfDay) : undefined;
    }
    case "call": {
      const [first, second] = expression.arguments;
      if (first === undefined) return undefined;
      switch (expression.function) {
        case "addMicroseconds":
          return shiftedBy(offset(first), second, (by) => by);
        case "truncate":
          return shiftedBy(offset(first), second, (step) => 1n - step);
        case "nullIf":
          return offset(first);
        case "coalesce":
        case "least":
          return earliest(expression.arguments.map(offset));
        case "greatest": {
          // It skips nulls, so a nullable argument is a bound only if all other arguments are.
          const sure = expression.arguments.filter((each) => !typeOf(each, schema).nullable).map(offset);
          return latest([...sure, earliest(expression.arguments.map(offset))]);
        }
        default:
          return undefined;
      }
    }
  }
}

function earliest(offsets: readonly (bigint | "never" | undefined)[]): bigint | "never" | undefined {
  return offsets.reduce((a, b) => {
    if (a === undefined || b === undefined) return undefined;
    if (a === "never") return b;
    return b === "never" || a < b ? a : b;
  }, "never");
}

function latest(offsets: readonly (bigint | "never" | undefined)[]): bigint | "never" | undefined {
  return offsets.reduce((a, b) => {
    if (a === undefined) return b;
    if (b === undefined || a === "never") return a;
    return b === "never" || b > a ? b : a;
  }, undefined);
}

function shifted(offset: bigint | "never" | undefined, by: bigint): bigint | "never" | undefined {
  return typeof offset === "bigint" ? offset + by : offset;
}

/** Shifts by a constant number of microseconds, converted by `by`. */
function shiftedBy(
  offset: bigint | "never" | undefined,
  constant: Expression | undefined,
  by: (microseconds: bigint) => bigint,
): bigint | "never" | undefined {
  return isInteger(constant) ? shifted(offset, by(BigInt(constant.value))) : undefined;
}

function isInteger(expression: Expression | undefined): expression is Literal & { readonly value: string } {
  return expression?.expr === "literal" && expression.kind === "int64" && expression.value !== null;
}
