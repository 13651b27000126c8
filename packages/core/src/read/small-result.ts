import { type Engine, type Plan, schemaOf } from "@mlforge/spec";
import { type RowOptions, type RowValue, rowsOf } from "./rows.js";

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
  if (row === undefined) throw new TypeError(`${engine.name} returned no row for an aggregate without keys`);
  return row;
}

/** Reads a count from a result. Throws if the engine did not return one, since a missing count must not pass for 0. */
export function countIn(row: ResultRow, name: string): number {
  const count = row[name];
  if (typeof count === "bigint" || typeof count === "number") return Number(count);
  throw new TypeError(`the engine returned no count "${name}"`);
}

/** Reads a float64 from a result. Returns undefined if it is null. */
export function floatIn(row: ResultRow, name: string): number | undefined {
  const value = row[name];
  return typeof value === "number" ? value : undefined;
}
