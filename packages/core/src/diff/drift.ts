import type { Engine, Expression, NamedColumn, Plan } from "@mlforge/spec";
import { encodeConstant } from "../define/constant.js";
import { finiteOnly } from "./column-profile.js";
import { isNumber } from "./compared-version.js";
import { asFloat64, call, columnOf, firstTrue, literalOf } from "./expressions.js";
import { countIn, floatIn, onlyResult, smallResult } from "./small-result.js";
import { stabilityIndex } from "./stability-index.js";

/** A column that both versions have, as the column `x` of these rows. */
export interface DriftSide {
  readonly rows: Plan;
  readonly column: NamedColumn;
}

const x = columnOf("x");

/** The most frequent values that have a bin of their own; all others share one. */
const maxCategories = 20;

/**
 * How far the values of a column have moved: the {@link stabilityIndex} over bins that `from` decides.
 *
 * Numbers: the bins between its deciles, where deciles that are equal make one bin; NaN has one of its own. Strings and booleans: its 20 most
 * frequent values, and the rest. Nulls always have a bin of their own.
 *
 * @returns undefined for other kinds, for columns that are not of one sort in both, and where a version has no rows.
 */
export async function driftOf(engine: Engine, from: DriftSide, to: DriftSide, signal?: AbortSignal): Promise<number | undefined> {
  const bins = await binsOf(engine, from, to, signal);
  if (bins === undefined) return undefined;
  const before = await countBins(engine, from.rows, bins, signal);
  return stabilityIndex(before, await countBins(engine, to.rows, bins, signal));
}

/** The conditions of the bins, of which the first that is true takes a row; one more bin takes what is left. */
type Bins = readonly [Expression, ...Expression[]];

async function binsOf(engine: Engine, from: DriftSide, to: DriftSide, signal?: AbortSignal): Promise<Bins | undefined> {
  const isNull = call("isNull", x);
  if (isNumber(from.column) && isNumber(to.column)) {
    const edges = await decilesOf(engine, from, signal);
    const below = edges.map((edge) => call("lessOrEqual", asFloat64(x), literalOf("float64", String(edge))));
    return [isNull, call("isNaN", x), ...below];
  }
  const { kind } = from.column;
  if (kind !== to.column.kind || (kind !== "string" && kind !== "boolean")) return undefined;
  const categories = await categoriesOf(engine, from, signal);
  return [isNull, ...categories.map((value) => call("equal", x, value))];
}

async function decilesOf(engine: Engine, { rows, column }: DriftSide, signal?: AbortSignal): Promise<readonly number[]> {
  const input: Plan = { op: "project", input: rows, columns: [{ name: "finite", value: finiteOnly(column) }] };
  const aggregates = Array.from({ length: 9 }, (_, index) => {
    const quantile = (index + 1) / 10;
    return { name: `d${index}`, value: { function: "quantile", input: columnOf("finite"), quantile } } as const;
  });
  const row = await onlyResult(engine, { op: "aggregate", input, keys: [], aggregates }, signal);
  const deciles = aggregates.map(({ name }) => floatIn(row, name)).filter((value) => value !== undefined);
  return [...new Set(deciles)];
}

async function categoriesOf(engine: Engine, { rows, column }: DriftSide, signal?: AbortSignal): Promise<readonly Expression[]> {
  const known: Plan = { op: "filter", input: rows, condition: call("isNotNull", x) };
  const counted: Plan = { op: "aggregate", input: known, keys: ["x"], aggregates: [{ name: "rows", value: { function: "count" } }] };
  // Plans sort upwards only.
  const columns = [
    { name: "x", value: x },
    { name: "order", value: call("negate", columnOf("rows")) },
  ];
  const sorted: Plan = { op: "sort", input: { op: "project", input: counted, columns }, by: ["order", "x"] };
  const found = await smallResult(engine, { op: "limit", input: sorted, count: maxCategories }, signal);
  return found.map((row) => encodeConstant(row.x, column.kind));
}

async function countBins(engine: Engine, rows: Plan, bins: Bins, signal?: AbortSignal): Promise<ReadonlyMap<number, number>> {
  const input: Plan = { op: "project", input: rows, columns: [{ name: "bin", value: firstTrue(bins) }] };
  const aggregates = [{ name: "rows", value: { function: "count" } }] as const;
  const counts = await smallResult(engine, { op: "aggregate", input, keys: ["bin"], aggregates }, signal);
  return new Map(counts.map((row) => [countIn(row, "bin"), countIn(row, "rows")]));
}
