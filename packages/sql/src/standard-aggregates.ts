import type { AggregateFunction } from "@mlforge/spec";
import type { AggregateSql, Dialect } from "./dialect.js";
import { unsupported } from "./unsupported.js";

/** Returns the SQL of an aggregate over `input`, which is `*` if every row counts. */
type Print = (input: string, aggregate: AggregateSql) => string;

export type AggregateFunctions = Readonly<Partial<Record<AggregateFunction, Print>>>;

/** The aggregates that engines write in their own way. */
type EngineAggregate = ("median" | "quantile" | "first" | "last") | ("collect" | "topK" | "mode" | "histogram" | "approxCountDistinct");

/** The aggregates that the SQL standard defines. A dialect can override each. */
export const standardAggregates: Readonly<Record<Exclude<AggregateFunction, EngineAggregate>, Print>> = {
  count: (input) => `count(${input})`,
  countDistinct: (input) => `count(DISTINCT ${input})`,
  sum: (input) => `sum(${input})`,
  mean: (input) => `avg(${input})`,
  min: (input) => `min(${input})`,
  max: (input) => `max(${input})`,
  std: (input) => `stddev_samp(${input})`,
  var: (input) => `var_samp(${input})`,
  any: (input) => `bool_or(${input})`,
  every: (input) => `bool_and(${input})`,
};

/** Returns `aggregate` of a dialect from its aggregates. @throws CAPABILITY_MISSING for an aggregate that it does not have */
export function aggregateOf({ name, conform }: Pick<Dialect, "name" | "conform">, aggregates: AggregateFunctions): Dialect["aggregate"] {
  return (aggregate, result) => {
    const print = aggregates[aggregate.function];
    if (print === undefined) throw unsupported(name, `the aggregate ${aggregate.function}`);
    return conform(print(aggregate.input?.sql ?? "*", aggregate), result);
  };
}
