import { type Aggregate, type ColumnKind, type Engine, type Expression, isOrdered, type NamedColumn, type Plan } from "@mlforge/spec";
import type { RowValue } from "../read/rows.js";
import { isNumber } from "./compared-version.js";
import { call, caseOf, columnOf, literalOf } from "./expressions.js";
import { countIn, floatIn, onlyResult } from "./small-result.js";

/** What one column of one version holds. */
export interface ColumnProfile {
  readonly kind: ColumnKind;
  readonly rows: number;
  readonly nulls: number;
  /** Of the rows, from 0 to 1; 0 where there are none. */
  readonly nullShare: number;
  /** Different values, null aside. */
  readonly distinct: number;
  /** Values that are NaN or infinite. `min`, `max` and `numbers` leave them out. */
  readonly notFinite: number;
  /** int64 as bigint, timestamps as microseconds, decimals as text; null where there are no values, and for kinds without an order. */
  readonly min: RowValue;
  readonly max: RowValue;
  /** Of numbers only. */
  readonly numbers: NumberProfile | undefined;
}

/** Undefined where there are too few values. */
export interface NumberProfile {
  readonly mean: number | undefined;
  /** Of the sample: n - 1. */
  readonly std: number | undefined;
  /** Interpolated between neighbours (type 7 of Hyndman and Fan 1996). */
  readonly quantiles: Readonly<Record<QuantileName, number | undefined>>;
}

type QuantileName = "p05" | "p25" | "p50" | "p75" | "p95";

const quantiles: Readonly<Record<QuantileName, number>> = { p05: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95 };

/** The column of the plans below. */
const x = columnOf("x");

/** Profiles the column `x` of `rows`, in one query. */
export async function profileColumn(engine: Engine, rows: Plan, column: NamedColumn, signal?: AbortSignal): Promise<ColumnProfile> {
  const finite = columnOf("finite");
  const input: Plan = {
    op: "project",
    input: rows,
    columns: [
      { name: "x", value: x },
      { name: "finite", value: finiteOnly(column) },
    ],
  };
  const aggregates: Record<string, Aggregate> = {
    rows: { function: "count" },
    values: { function: "count", input: x },
    finite: { function: "count", input: finite },
    distinct: { function: "countDistinct", input: x },
    // Lists, structs and JSON have no order.
    ...(isOrdered(column) ? ({ min: { function: "min", input: finite }, max: { function: "max", input: finite } } as const) : {}),
    ...(isNumber(column) ? numberAggregates(finite) : {}),
  };
  const named = Object.entries(aggregates).map(([name, value]) => ({ name, value }));
  const row = await onlyResult(engine, { op: "aggregate", input, keys: [], aggregates: named }, signal);
  const count = countIn(row, "rows");
  const values = countIn(row, "values");
  return {
    kind: column.kind,
    rows: count,
    nulls: count - values,
    nullShare: count === 0 ? 0 : (count - values) / count,
    distinct: countIn(row, "distinct"),
    notFinite: values - countIn(row, "finite"),
    min: row.min ?? null,
    max: row.max ?? null,
    numbers: isNumber(column)
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

function numberAggregates(input: Expression): Record<string, Aggregate> {
  const each = Object.entries(quantiles).map(([name, quantile]) => [name, { function: "quantile", input, quantile }] as const);
  return { mean: { function: "mean", input }, std: { function: "std", input }, ...Object.fromEntries(each) };
}

/** The column `x` with null in place of what is not finite. */
export function finiteOnly({ kind }: NamedColumn): Expression {
  if (kind !== "float32" && kind !== "float64") return x;
  const infinite = call("in", x, literalOf(kind, "Infinity"), literalOf(kind, "-Infinity"));
  return caseOf([[call("or", call("isNaN", x), infinite), literalOf(kind, null)]], x);
}
