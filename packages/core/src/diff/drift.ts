import { call, column, type Engine, type Expression, literal, type NamedColumn, type Plan } from "@mlforge/spec";
import { encodeConstant } from "../define/constant.js";
import { countIn, floatIn, onlyResult, smallResult } from "../read/small-result.js";
import { finiteOnly } from "./column-profile.js";
import { isNumber } from "./compared-version.js";
import { asFloat64, firstTrue } from "./expressions.js";
import { stabilityIndex } from "./stability-index.js";

/** A column that both versions have, as the column `x` of these rows. */
export interface DriftSide {
  readonly rows: Plan;
  readonly column: NamedColumn;
}

const x = column("x");

/** The number of most frequent values that have a bin of their own. All other values share one. */
const maxCategories = 20;

/**
 * Returns how far the values of a column have shifted: the {@link stabilityIndex} over bins that `from` determines.
 *
 * Numbers: the bins between its deciles, where equal deciles form one bin. NaN has its own bin. Strings and booleans: one bin for each of its 20 most
 * frequent values, and one for the rest. Nulls always have their own bin.
 *
 * @returns undefined for other kinds, for columns that are of different kinds of values in the two versions, and if a version has no rows
 */
export async function driftOf(engine: Engine, from: DriftSide, to: DriftSide, signal?: AbortSignal): Promise<number | undefined> {
  const bins = await binsOf(engine, from, to, signal);
  if (bins === undefined) return undefined;
  const before = await countBins(engine, from.rows, bins, signal);
  return stabilityIndex(before, await countBins(engine, to.rows, bins, signal));
}

/** The conditions of the bins. A row belongs to the bin of the first true condition, or otherwise to one more bin. */
type Bins = readonly [Expression, ...Expression[]];

async function binsOf(engine: Engine, from: DriftSide, to: DriftSide, signal?: AbortSignal): Promise<Bins | undefined> {
  const isNull = call("isNull", x);
  if (isNumber(from.column) && isNumber(to.column)) {
    const edges = await decilesOf(engine, from, signal);
    const below = edges.map((edge) => call("lessOrEqual", asFloat64(x), literal("float64", String(edge))));
    return [isNull, call("isNaN", x), ...below];
  }
  const { kind } = from.column;
  if (kind !== to.column.kind || (kind !== "string" && kind !== "boolean")) return undefined;
  const categories = await categoriesOf(engine, from, signal);
  return [isNull, ...categories.map((value) => call("equal", x, value))];
}

async function decilesOf(engine: Engine, { rows, column: drifted }: DriftSide, signal?: AbortSignal): Promise<readonly number[]> {
  const input: Plan = { op: "project", input: rows, columns: [{ name: "finite", value: finiteOnly(drifted) }] };
  const aggregates = Array.from({ length: 9 }, (_, index) => {
    const quantile = (index + 1) / 10;
    return { name: `d${index}`, value: { function: "quantile", input: column("finite"), quantile } } as const;
  });
  const row = await onlyResult(engine, { op: "aggregate", input, keys: [], aggregates }, signal);
  const deciles = aggregates.map(({ name }) => floatIn(row, name)).filter((value) => value !== undefined);
  return [...new Set(deciles)];
}

async function categoriesOf(engine: Engine, { rows, column: drifted }: DriftSide, signal?: AbortSignal): Promise<readonly Expression[]> {
  const known: Plan = { op: "filter", input: rows, condition: call("isNotNull", x) };
  const counted: Plan = { op: "aggregate", input: known, keys: ["x"], aggregates: [{ name: "rows", value: { function: "count" } }] };
  // Plans sort only in ascending order.
  const columns = [
    { name: "x", value: x },
    { name: "order", value: call("negate", column("rows")) },
  ];
  const sorted: Plan = { op: "sort", input: { op: "project", input: counted, columns }, by: ["order", "x"] };
  const found = await smallResult(engine, { op: "limit", input: sorted, count: maxCategories }, signal);
  return found.map((row) => encodeConstant(row.x, drifted.kind));
}

async function countBins(engine: Engine, rows: Plan, bins: Bins, signal?: AbortSignal): Promise<ReadonlyMap<number, number>> {
  const input: Plan = { op: "project", input: rows, columns: [{ name: "bin", value: firstTrue(bins) }] };
  const aggregates = [{ name: "rows", value: { function: "count" } }] as const;
  const counts = await smallResult(engine, { op: "aggregate", input, keys: ["bin"], aggregates }, signal);
  return new Map(counts.map((row) => [countIn(row, "bin"), countIn(row, "rows")]));
}
