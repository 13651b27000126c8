import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Plan, type Schema, schemaOf } from "@mlforge/spec";
import { compile } from "@mlforge/sql";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { duckdb } from "../src/dialect/duckdb.js";
import { DuckDBEngine } from "../src/index.js";
import { type Cell, rowsOf } from "./arrow-rows.js";
import { day, hour, timestampText } from "./moments.js";
import { ndjson } from "./ndjson.js";
import { nullable, table } from "./plans.js";
import { rollUp } from "./rolling-cases.js";
import { type Event, type Output, valueAt } from "./rolling-oracle.js";

const engine = new DuckDBEngine({ threads: 2 });
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-deviation-"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const outputs: readonly Output[] = [1n, 2n, 7n].map((days) => ({
  name: `std_${days}d`,
  column: "x",
  function: "std",
  every: day,
  window: days * day,
}));
const schema: Schema = [nullable("case", "int32"), nullable("at", "timestamp"), nullable("x", "float64")];

/** Days with values of one level each, which differ by a few quarters. */
const days = fc.array(
  fc.record({
    level: fc.constantFrom(0, 0, 1e9, -1e9, 1e6),
    quarters: fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 4 }),
  }),
  { maxLength: 8 },
);
const cases = fc.array(days, { minLength: 25, maxLength: 25 });
type Days = readonly { readonly level: number; readonly quarters: readonly number[] }[];

function eventsOf(days: Days): readonly (Event & { readonly x: number })[] {
  return days.flatMap(({ level, quarters }, index) =>
    quarters.map((quarter, position) => {
      const x = level + quarter / 4;
      return { at: BigInt(index) * day + BigInt(position) * hour, values: { x }, x };
    }),
  );
}

const inputOf = (cases: readonly Days[]): Promise<Plan> => {
  const rows = cases.flatMap((days, index) => eventsOf(days).map(({ at, x }) => [String(index), timestampText(at), String(x)]));
  return ndjson(folder, "events.ndjson", schema, rows);
};

/** The first deviation that is further off than its ninth digit and what doubles as large as the greatest value of the key cannot hold. */
function firstWrong(rows: readonly (readonly Cell[])[], cases: readonly Days[]): string | undefined {
  for (const [index, at, ...found] of rows) {
    const events = eventsOf(cases[Number(index)] ?? []);
    for (const [position, output] of outputs.entries()) {
      const value = found[position];
      const wanted = typeof at === "bigint" ? valueAt(at, output, events, {}) : Number.NaN;
      if (value === wanted) continue;
      const within = typeof at === "bigint" ? events.filter((event) => event.at < at && event.at >= at - output.window) : [];
      const rest = 4 * Number.EPSILON * Math.max(0, ...within.map(({ x }) => Math.abs(x)));
      const isNear = typeof value === "number" && typeof wanted === "number" && Math.abs(value - wanted) <= 1e-9 * wanted + rest;
      if (!isNear) return `${output.name} of case ${index} at ${at} is ${value}, not ${wanted}`;
    }
  }
  return undefined;
}

describe("a rolling deviation", () => {
  it("is right after the level of the values has moved by a thousand million times their deviation", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (cases) => {
        expect(firstWrong(await rowsOf(engine, rollUp(await inputOf(cases), outputs, ["case"])), cases)).toBeUndefined();
      }),
      { numRuns: 40, interruptAfterTimeLimit: 40_000, markInterruptAsFailure: true },
    );
  });

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
