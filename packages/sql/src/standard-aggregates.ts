import type { AggregateFunction } from "@mlforge/spec";
import type { AggregateSql, Dialect } from "./dialect.js";
import { unsupported } from "./unsupported.js";

/** Returns the SQL of an aggregate over `input`, which is `*` if every row counts. */
type Print = (input: string, aggregate: AggregateSql) => string;

export type AggregateFunctions = Readonly<Partial<Record<AggregateFunction, Print>>>;

/** The aggregates that engines write in their own way. */
type EngineAggregate = ("median" | "quantile" | "first" | "last") | ("collect" | "topK" | "mode" | "histogram" | "approxCountDistinct");

/** Returns the clause that makes an aggregate a window function, or nothing for an aggregate of groups. */
export function overOf({ over }: AggregateSql): string {
  return over === undefined ? "" : ` OVER ${over}`;
}

/** Calls an aggregate by name. */
export const aggregateNamed =
  (name: string): Print =>
  (input, aggregate) =>
    `${name}(${input})${overOf(aggregate)}`;

/** The aggregates that the SQL standard defines. A dialect can override each. */
export const standardAggregates: Readonly<Record<Exclude<AggregateFunction, EngineAggregate>, Print>> = {
  count: aggregateNamed("count"),
  countDistinct: (input, aggregate) => `count(DISTINCT ${input})${overOf(aggregate)}`,
  sum: aggregateNamed("sum"),
  mean: aggregateNamed("avg"),
  min: aggregateNamed("min"),
  max: aggregateNamed("max"),
  std: aggregateNamed("stddev_samp"),
  var: aggregateNamed("var_samp"),
  any: aggregateNamed("bool_or"),
  every: aggregateNamed("bool_and"),
};

/** Returns `aggregate` of a dialect from its aggregates. @throws CAPABILITY_MISSING for an aggregate that it does not have */
export function aggregateOf({ name, conform }: Pick<Dialect, "name" | "conform">, aggregates: AggregateFunctions): Dialect["aggregate"] {
  return (aggregate, result) => {
    const print = aggregates[aggregate.function];
    if (print === undefined) throw unsupported(name, `the aggregate ${aggregate.function}`);
    return conform(print(aggregate.input?.sql ?? "*", aggregate), result);
  };
}
