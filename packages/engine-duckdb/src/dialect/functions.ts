import { vectorOf } from "@mlforge/spec";
import {
  type AggregateFunctions,
  type AggregateSql,
  aggregateNamed,
  callOf,
  type Dialect,
  type Kind,
  named,
  overOf,
  type ScalarFunctions,
  type ScalarSql,
  standardAggregates,
  standardFunctions,
  template,
} from "@mlforge/sql";
import { duckdbSurrogateKey } from "./surrogate-key.js";
import { duckdbType } from "./type.js";

/** Keeps the digits of decimals, of which DuckDB returns fewer. */
const rounding =
  (name: "floor" | "ceiling"): ScalarSql =>
  (values, result, types) => {
    const rounded = standardFunctions[name](values, result, types);
    return result.kind === "decimal" ? `CAST(${rounded} AS ${duckdbType(result)})` : rounded;
  };

const scalars: Required<ScalarFunctions> = {
  ...standardFunctions,
  round: template("round($1, CAST($2 AS INTEGER))"),
  floor: rounding("floor"),
  ceiling: rounding("ceiling"),
  isNaN: ([value = ""], _, [type]) => (type?.kind === "float32" || type?.kind === "float64" ? `coalesce(isnan(${value}), false)` : "false"),
  length: named("length"),
  contains: named("contains"),
  startsWith: named("starts_with"),
  endsWith: named("ends_with"),
  matches: named("regexp_matches"),
  substring: named("substring"),
  truncate: template("time_bucket(to_microseconds($2), $1, TIMESTAMP '1970-01-01')"),
  second: named("second"),
  dayOfWeek: named("isodow"),
  dayOfYear: named("dayofyear"),
  addMicroseconds: template("($1 + to_microseconds($2))"),
  microsecondsBetween: template("(epoch_us($2) - epoch_us($1))"),
  listLength: named("len"),
  listElement: template("CASE WHEN $2 >= 0 THEN $1[$2 + 1] END"),
  listContains: named("list_contains"),
  vector: (values) => `CAST([${values.join(", ")}] AS DOUBLE[${values.length}])`,
  dotProduct: ([a = "", b = ""]) => dotProduct(a, b),
  cosineSimilarity: ([a = "", b = ""]) => `(${dotProduct(a, b)} / nullif(${norm(a)} * ${norm(b)}, 0))`,
  vectorNorm: ([value = ""]) => norm(value),
  structField: named("struct_extract"),
  jsonValue: () => {
    throw new TypeError("the dialect itself reads JSON");
  },
  surrogateKey: (values, _, types) => duckdbSurrogateKey(values, types),
};

/** Computes in float64 for all vectors. */
function dotProduct(a: string, b: string): string {
  return `list_inner_product(CAST(${a} AS DOUBLE[]), CAST(${b} AS DOUBLE[]))`;
}

function norm(value: string): string {
  return `sqrt(${dotProduct(value, value)})`;
}

export const duckdbCall: Dialect["call"] = callOf("duckdb", scalars);

const aggregates: Required<AggregateFunctions> = {
  ...standardAggregates,
  sum,
  mean,
  median: (input, aggregate) => quantile(input, { ...aggregate, quantile: 0.5 }),
  quantile,
  first: (input, aggregate) => extreme("arg_min", input, aggregate),
  last: (input, aggregate) => extreme("arg_max", input, aggregate),
  collect,
  topK: mostFrequent,
  mode: (input, aggregate) => `${mostFrequent(input, { ...aggregate, limit: 1 })}[1]`,
  histogram,
  approxCountDistinct: aggregateNamed("approx_count_distinct"),
};

function mean(input: string, aggregate: AggregateSql): string {
  const { input: value } = aggregate;
  const over = overOf(aggregate);
  if (value?.type.kind !== "vector") return `avg(${input})${over}`;
  const means = Array.from({ length: vectorOf(value.type).length }, (_, index) => `avg(${input}[${index + 1}])${over}`);
  return `CASE WHEN count(${input})${over} > 0 THEN [${means.join(", ")}] END`;
}

function quantile(input: string, aggregate: AggregateSql): string {
  return `quantile_cont(CAST(${input} AS DOUBLE), CAST('${aggregate.quantile ?? 0.5}' AS DOUBLE))${overOf(aggregate)}`;
}

function collect(input: string, aggregate: AggregateSql): string {
  const { by, limit, descending = false } = aggregate;
  if (by === undefined) throw new TypeError("collect needs a value to order by");
  const list = `list(${input} ORDER BY ${by.sql} ${descending ? "DESC" : "ASC"} NULLS LAST, ${input}) FILTER (WHERE ${input} IS NOT NULL)${overOf(aggregate)}`;
  return limit === undefined ? list : `(${list})[1:${limit}]`;
}

/** Returns the most frequent values. Equally frequent values are in ascending order. */
function mostFrequent(input: string, aggregate: AggregateSql): string {
  const { input: typed, limit = 1 } = aggregate;
  const kind = typed?.type.kind;
  const isFloat = kind === "float32" || kind === "float64";
  // A negative zero equals zero, and could become the value by chance. In a struct, NaN is a value of its own: DuckDB 1.5.5 counts it with other floats.
  const value = isFloat ? `struct_pack(v := ${input} + 0)` : input;
  const counts = `histogram(${value}) FILTER (WHERE ${input} IS NOT NULL)${overOf(aggregate)}`;
  const counted = `list_transform(map_entries(${counts}), lambda e: struct_pack(n := -CAST(e.value AS BIGINT), v := ${isFloat ? "e.key.v" : "e.key"}))`;
  return `list_transform(list_sort(${counted})[1:${limit}], lambda e: e.v)`;
}

function histogram(input: string, aggregate: AggregateSql): string {
  const { edges = [] } = aggregate;
  const value = `CAST(${input} AS DOUBLE)`;
  const numbers = edges.map((edge) => `CAST('${edge}' AS DOUBLE)`);
  const conditions = [
    `${value} < ${numbers[0]}`,
    ...numbers.map((edge, index) => {
      const next = numbers[index + 1];
      return next === undefined ? `${value} >= ${edge}` : `${value} >= ${edge} AND ${value} < ${next}`;
    }),
  ];
  return `[${conditions.map((condition) => `count(*) FILTER (WHERE ${condition})${overOf(aggregate)}`).join(", ")}]`;
}

function sum(input: string, aggregate: AggregateSql): string {
  return exactTotal(`sum(${input})${overOf(aggregate)}`, aggregate.input?.type);
}

/** Sums values of `type`. DuckDB adds decimals in 128 bits, which hold more than 38 digits. Doubling a sum beyond 38 digits makes it fail. */
export function exactTotal(total: string, type: Kind | undefined): string {
  if (type?.kind !== "decimal") return total;
  const { scale = 0 } = type;
  const most = `CAST('${"9".repeat(38 - scale)}.${"9".repeat(scale)}' AS DECIMAL(38,${scale}))`;
  return `(${total} + CASE WHEN ${total} BETWEEN -${most} AND ${most} THEN 0 ELSE ${total} END)`;
}

/** Breaks ties of `by` by the value, so that the answer does not depend on the order of rows. */
function extreme(name: string, input: string, aggregate: AggregateSql): string {
  const { by } = aggregate;
  if (by === undefined) throw new TypeError(`${name} needs a value to order by`);
  return `${name}(${input}, ROW(${by.sql}, ${input})) FILTER (WHERE ${input} IS NOT NULL AND ${by.sql} IS NOT NULL)${overOf(aggregate)}`;
}

export function duckdbAggregate(aggregate: AggregateSql, result: Kind): string {
  const sql = aggregates[aggregate.function](aggregate.input?.sql ?? "*", aggregate);
  return `CAST(${sql} AS ${duckdbType(result)})`;
}
