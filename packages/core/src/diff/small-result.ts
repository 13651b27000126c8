import { type Engine, type Plan, schemaOf } from "@mlforge/spec";
import { type RowOptions, type RowValue, rowsOf } from "../read/rows.js";

/** An exact row of a result: an int64 is a bigint, timestamps are microseconds, and decimals are strings. */
export type ResultRow = Readonly<Record<string, RowValue>>;

const exact: RowOptions = { int64: "bigint", timestamp: "microseconds" };

/** Returns all rows of a plan that has a small result, however large its inputs are. */
export async function smallResult(engine: Engine, plan: Plan, signal?: AbortSignal): Promise<readonly ResultRow[]> {
  const schema = schemaOf(plan);
  const rows: ResultRow[] = [];
  for await (const batch of engine.run(plan, { signal })) rows.push(...rowsOf(batch, schema, exact));
  return rows;
}

/** Returns the only row of an aggregate without keys. */
export async function onlyResult(engine: Engine, plan: Plan, signal?: AbortSignal): Promise<ResultRow> {
  const [row] = await smallResult(engine, plan, signal);
  if (row === undefined) throw new TypeError("an aggregate without keys must return one row");
  return row;
}

/** Reads a count from a result. */
export function countIn(row: ResultRow, name: string): number {
  return Number(row[name] ?? 0);
}

/** Reads a float64 from a result. Returns undefined if it is null. */
export function floatIn(row: ResultRow, name: string): number | undefined {
  const value = row[name];
  return typeof value === "number" ? value : undefined;
}
