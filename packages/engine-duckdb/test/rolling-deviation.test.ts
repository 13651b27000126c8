import { type Schema, schemaOf } from "@mlforge/spec";
import { compile } from "@mlforge/sql";
import { afterAll, describe, expect, it } from "vitest";
import { type Cell, rowsOf } from "../../testkit/src/engine/arrow-rows.js";
import { nullable, table } from "../../testkit/src/engine/plans.js";
import { rollUp } from "../../testkit/src/engine/rolling-cases.js";
import { type Event, type Output, valueAt } from "../../testkit/src/engine/rolling-oracle.js";
import { day, hour, timestampText } from "../../testkit/src/engine/timestamps.js";
import { duckdb } from "../src/dialect/duckdb.js";
import { DuckDBEngine } from "../src/index.js";

const engine = new DuckDBEngine({ threads: 2 });
afterAll(() => engine[Symbol.asyncDispose]());

const outputs: readonly Output[] = [1n, 2n, 7n].map((days) => ({
  name: `std_${days}d`,
  column: "x",
  function: "std",
  every: day,
  window: days * day,
}));
const schema: Schema = [nullable("case", "int32"), nullable("at", "timestamp"), nullable("x", "float64")];

type Days = readonly { readonly level: number; readonly quarters: readonly number[] }[];

function eventsOf(days: Days): readonly (Event & { readonly x: number })[] {
  return days.flatMap(({ level, quarters }, index) =>
    quarters.map((quarter, position) => {
      const x = level + quarter / 4;
      return { at: BigInt(index) * day + BigInt(position) * hour, values: { x }, x };
    }),
  );
}

/** The first deviation that is further off than its ninth digit and what doubles as large as the greatest value of the key cannot hold. */
function firstWrong(rows: readonly (readonly Cell[])[], cases: readonly Days[]): string | undefined {
  for (const [index, at, ...found] of rows) {
    const events = eventsOf(cases[Number(index)] ?? []);
    for (const [position, output] of outputs.entries()) {
      const value = found[position];
      const wanted = typeof at === "bigint" ? valueAt(at, output, events, {}) : Number.NaN;
      if (value === wanted) continue;
      const within = typeof at === "bigint" ? events.filter((event) => event.at < at && event.at >= at - (output.window ?? at)) : [];
      const rest = 4 * Number.EPSILON * Math.max(0, ...within.map(({ x }) => Math.abs(x)));
      const isNear = typeof value === "number" && typeof wanted === "number" && Math.abs(value - wanted) <= 1e-9 * wanted + rest;
      if (!isNear) return `${output.name} of case ${index} at ${at} is ${value}, not ${wanted}`;
    }
  }
  return undefined;
}

describe("a rolling deviation", () => {
  it("would be wrong then without the repair", async () => {
    const moved: readonly Days[] = [[1e9, 0, 0, 0].map((level, index) => ({ level, quarters: [1, 2, 5 + index] }))];
    const events = moved.flatMap((days, index) => eventsOf(days).map(({ at, x }) => [String(index), timestampText(at), String(x)]));
    const plan = rollUp(table(schema, events), outputs, ["case"]);
    const sql = compile(plan, duckdb);
    const unrepaired = sql.replaceAll(/coalesce\(exact_\w+\.exact, /g, "coalesce(NULL, ");
    expect(unrepaired).not.toBe(sql);
    const wrong = firstWrong(await rowsOf(engine, { op: "sql", query: unrepaired, inputs: {}, columns: schemaOf(plan) }), moved);
    expect(wrong).toMatch(/^std_/);
    expect(firstWrong(await rowsOf(engine, plan), moved)).toBeUndefined();
  });
});
