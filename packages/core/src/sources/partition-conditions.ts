import type { ColumnKind, Expression, ScalarFunction } from "@mlforge/spec";
import type { PartitionValues } from "./partition-values.js";

const flipped: Partial<Record<ScalarFunction, ScalarFunction>> = {
  equal: "equal",
  less: "greater",
  lessOrEqual: "greaterOrEqual",
  greater: "less",
  greaterOrEqual: "lessOrEqual",
};

/** The kinds whose order equals the order of their texts, and the kinds whose values are equal if their texts are. */
const orderedAsText: readonly ColumnKind[] = ["date", "timestamp"];
const equalAsText: readonly ColumnKind[] = ["string", "boolean"];

/**
 * Returns false only if a condition cannot be true for a row with these values of partition columns. Returns true if that is unknown.
 *
 * Supports comparisons of a column with a constant of its kind, `in`, `isNull`, `isNotNull`, and combinations with `and` and `or`.
 *
 * @param kinds the kinds of the partition columns
 */
export function mayBeTrue(condition: Expression, values: PartitionValues, kinds: ReadonlyMap<string, ColumnKind>): boolean {
  if (condition.expr !== "call") return true;
  const { function: name, arguments: operands } = condition;
  if (name === "and") return operands.every((each) => mayBeTrue(each, values, kinds));
  if (name === "or") return operands.some((each) => mayBeTrue(each, values, kinds));
  const [left, right] = operands;
  if (left === undefined) return true;
  if (left.expr === "literal" && right?.expr === "column") {
    const other = flipped[name];
    return other === undefined || mayBeTrue({ ...condition, function: other, arguments: [right, left] }, values, kinds);
  }
  const kind = left.expr === "column" ? kinds.get(left.name) : undefined;
  const value = left.expr === "column" ? values[left.name] : undefined;
  if (kind === undefined || value === undefined) return true;
  if (name === "isNull") return value === null;
  if (name === "isNotNull") return value !== null;
  if (name === "in") return operands.slice(1).some((each) => isCompared("equal", value, each, kind));
  return right === undefined || isCompared(name, value, right, kind);
}

function isCompared(name: ScalarFunction, value: string | null, right: Expression, kind: ColumnKind): boolean {
  if (flipped[name] === undefined || right.expr !== "literal") return true;
  if (value === null || right.value === null) return false;
  const order = compare(value, right.value, kind, right.kind);
  if (order === undefined) return true;
  if (Number.isNaN(order)) return name !== "equal";
  switch (name) {
    case "equal":
      return order === 0;
    case "less":
      return order < 0;
    case "lessOrEqual":
      return order <= 0;
    case "greater":
      return order > 0;
    default:
      return order >= 0;
  }
}

/** Returns a negative number if `a` is lower, NaN if the two differ and their order is unknown, and undefined if even that is unknown. */
function compare(a: string, b: string, kind: ColumnKind, other: ColumnKind): number | undefined {
  if (isInteger(kind) && isInteger(other)) return BigInt(a) < BigInt(b) ? -1 : Number(BigInt(a) > BigInt(b));
  if (kind !== other) return undefined;
  if (orderedAsText.includes(kind)) return a.length === b.length ? compareText(a, b) : undefined;
  if (equalAsText.includes(kind)) return a === b ? 0 : Number.NaN;
  return undefined;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function isInteger(kind: ColumnKind): boolean {
  return kind === "int32" || kind === "int64";
}
