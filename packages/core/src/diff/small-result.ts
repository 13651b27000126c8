import { type Engine, type Plan, schemaOf } from "@mlforge/spec";
import { type RowOptions, type RowValue, rowsOf } from "../read/rows.js";

/** A row of a result, exactly: int64 as bigint, timestamps as microseconds, decimals as text. */
export type ResultRow = Readonly<Record<string, RowValue>>;

const exact: RowOptions = { int64: "bigint", timestamp: "microseconds" };

/** All rows of a plan that gives few of them, however large its inputs are. */
export async function smallResult(engine: Engine, plan: Plan, signal?: AbortSignal): Promise<readonly ResultRow[]> {
  const schema = schemaOf(plan);
  const rows: ResultRow[] = [];
  for await (const batch of engine.run(plan, { signal })) rows.push(...rowsOf(batch, schema, exact));
  return rows;
}

/** The one row of an aggregate without keys. */
export async function onlyResult(engine: Engine, plan: Plan, signal?: AbortSignal): Promise<ResultRow> {
  const [row] = await smallResult(engine, plan, signal);
  if (row === undefined) throw new TypeError("an aggregate without keys gives one row");
  return row;
}

/** A count out of a result. */
export function countIn(row: ResultRow, name: string): number {
  return Number(row[name] ?? 0);
}

/** A float64 out of a result; undefined where it is null. */
export function floatIn(row: ResultRow, name: string): number | undefined {
  const value = row[name];
  return typeof value === "number" ? value : undefined;
}
