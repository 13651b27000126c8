import { aggregateOf } from "./aggregate-builder.js";
import type { AggregatedNumber } from "./aggregated-number.js";
import { valueSymbol } from "./typed.js";
import { aggregateWhere, conditionIn, type WhereOptions } from "./where.js";

/** Counts the rows of a group: `aggregate(() => ({ flights: count() }))`. */
export function count(options?: WhereOptions): AggregatedNumber<"int64", false>;
export function count(options?: unknown): unknown {
  const where = conditionIn(options, "count");
  if (where === undefined) return aggregateOf({ function: "count" }, undefined);
  const { rows } = where[valueSymbol];
  return aggregateOf(aggregateWhere({ function: "count" }, where, rows), rows);
}
