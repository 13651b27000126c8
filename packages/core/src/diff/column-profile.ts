import {
  type AggregateCall,
  type ColumnKind,
  call,
  column,
  type Engine,
  type Expression,
  isMlforgeError,
  isOrdered,
  literal,
  type NamedColumn,
  type Plan,
} from "@mlforge/spec";
import type { RowValue } from "../read/rows.js";
import { countIn, floatIn, onlyResult, type ResultRow } from "../read/small-result.js";
import { isNumber } from "./compared-version.js";
import { caseOf } from "./expressions.js";

/** Statistics of one column of one version. */
export interface ColumnProfile {
  readonly kind: ColumnKind;
  readonly rows: number;
  readonly nulls: number;
  /** The share of rows, from 0 to 1. 0 if there are no rows. */
  readonly nullShare: number;
  /** The number of distinct values, except null. */
  readonly distinct: number;
  /** The number of NaN and infinite values. `min`, `max`, and `numbers` ignore them. */
  readonly notFinite: number;
  /** An int64 is a bigint, timestamps are microseconds, and decimals are strings. Null if there are no values, and for kinds without an order. */
  readonly min: RowValue;
  readonly max: RowValue;
  /** Defined only for numbers. */
  readonly numbers: NumberProfile | undefined;
}

/** Each is undefined if there are too few values. The mean and `std` are also undefined if they are beyond float64. */
export interface NumberProfile {
  readonly mean: number | undefined;
  /** The standard deviation of the sample (n - 1). */
  readonly std: number | undefined;
  /** Interpolated between neighbors (type 7 of Hyndman and Fan 1996). */
  readonly quantiles: Readonly<Record<QuantileName, number | undefined>>;
}

type QuantileName = "p05" | "p25" | "p50" | "p75" | "p95";

const quantiles: Readonly<Record<QuantileName, number>> = { p05: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95 };

/** The column of the plans below. */
const x = column("x");

/** Profiles the column `x` of `rows` in one query. */
export async function profileColumn(engine: Engine, rows: Plan, profiled: NamedColumn, signal?: AbortSignal): Promise<ColumnProfile> {
  const finite = column("finite");
  const input: Plan = {
    op: "project",
    input: rows,
    columns: [
      { name: "x", value: x },
      { name: "finite", value: finiteOnly(profiled) },
    ],
  };
  const aggregates: Record<string, AggregateCall> = {
    rows: { function: "count" },
    values: { function: "count", input: x },
    finite: { function: "count", input: finite },
    distinct: { function: "countDistinct", input: x },
    // Lists, structs, and JSON have no order.
    ...(isOrdered(profiled) ? ({ min: { function: "min", input: finite }, max: { function: "max", input: finite } } as const) : {}),
    ...(isNumber(profiled) ? numberAggregates(finite) : {}),
  };
  const row = await aggregated(engine, input, aggregates, signal);
  const count = countIn(row, "rows");
  const values = countIn(row, "values");
  return {
    kind: profiled.kind,
    rows: count,
    nulls: count - values,
    nullShare: count === 0 ? 0 : (count - values) / count,
    distinct: countIn(row, "distinct"),
    notFinite: values - countIn(row, "finite"),
    min: row.min ?? null,
    max: row.max ?? null,
    numbers: isNumber(profiled)
      ? {
          mean: floatIn(row, "mean"),
          std: floatIn(row, "std"),
          quantiles: {
            p05: floatIn(row, "p05"),
            p25: floatIn(row, "p25"),
            p50: floatIn(row, "p50"),
            p75: floatIn(row, "p75"),
            p95: floatIn(row, "p95"),
          },
        }
      : undefined,
  };
}

/** Returns the aggregates of all rows. Omits the mean and the standard deviation if they are beyond float64. */
async function aggregated(
  engine: Engine,
  input: Plan,
  aggregates: Readonly<Record<string, AggregateCall>>,
  signal: AbortSignal | undefined,
): Promise<ResultRow> {
  const planOf = (given: Readonly<Record<string, AggregateCall>>): Plan => {
    return { op: "aggregate", input, keys: [], aggregates: Object.entries(given).map(([name, value]) => ({ name, value })) };
  };
  try {
    return await onlyResult(engine, planOf(aggregates), signal);
  } catch (error) {
    if (!isMlforgeError(error, "ARITHMETIC_OVERFLOW")) throw error;
    const { mean: _mean, std: _std, ...others } = aggregates;
    return await onlyResult(engine, planOf(others), signal);
  }
}

function numberAggregates(input: Expression): Record<string, AggregateCall> {
  const each = Object.entries(quantiles).map(([name, quantile]) => [name, { function: "quantile", input, quantile }] as const);
  return { mean: { function: "mean", input }, std: { function: "std", input }, ...Object.fromEntries(each) };
}

/** Returns the column `x` with null instead of NaN and infinite values. */
export function finiteOnly({ kind }: NamedColumn): Expression {
  if (kind !== "float32" && kind !== "float64") return x;
  const infinite = call("in", x, literal(kind, "Infinity"), literal(kind, "-Infinity"));
  return caseOf([[call("or", call("isNaN", x), infinite), literal(kind, null)]], x);
}
