import { deepEqual, ok } from "node:assert/strict";
import type { RollingFunction, Schema } from "@mlforge/spec";
import * as fc from "fast-check";
import { rejects } from "../../store/conformance/expect.js";
import type { Cell } from "../arrow-rows.js";
import { nullable, type Text, table } from "../plans.js";
import { rollUp } from "../rolling-cases.js";
import { type Event, type Output, valueAt } from "../rolling-oracle.js";
import type { EngineLaw } from "../runner.js";
import { day, hour, timestampText } from "../timestamps.js";
import { assertInTime } from "./runs.js";

const daily = (name: RollingFunction, column: string, days: bigint) => ({
  name: `${name}_${days}d`,
  column,
  function: name,
  every: day,
  window: days * day,
});
const keyed: Schema = [nullable("k", "string"), nullable("at", "timestamp"), nullable("n", "int64")];

const summing = { operations: ["rollingAggregate", "sort"], rolling: ["sum"], kinds: ["timestamp"] } as const;
const mixed = { operations: ["rollingAggregate", "sort"], rolling: ["sum", "std", "median"], kinds: ["timestamp", "float64"] } as const;

export function rollingEdgeLaws(law: EngineLaw): void {
  law("a rolling sum beyond int64 in one window is an overflow, even if every tile fits", summing, async (tools) => {
    const large = fc.bigInt({ min: 2n ** 61n, max: 2n ** 63n - 1n });
    const value = fc.oneof(
      large,
      large.map((n) => -n),
      fc.bigInt({ min: -9n, max: 9n }),
    );
    let [kept, overflown] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), value), { minLength: 1, maxLength: 5 }), async (events) => {
        const rows = events.map(([index, n]) => ["a", timestampText(BigInt(index) * day), String(n)]);
        const plan = rollUp(table(keyed, rows), [daily("sum", "n", 2n)], ["k"]);
        const sums = Array.from({ length: 8 }, (_, end) =>
          events.filter(([index]) => index < end && index >= end - 2).reduce((sum, [, n]) => sum + n, 0n),
        );
        if (sums.every((sum) => BigInt.asIntN(64, sum) === sum)) {
          kept++;
          for (const [, at, sum] of await tools.rows(plan)) deepEqual(sum ?? 0n, sums[Number(at) / Number(day)]);
        } else {
          overflown++;
          await rejects(tools.rows(plan), "ARITHMETIC_OVERFLOW", "a sum");
        }
      }),
      { numRuns: 150 },
    );
    ok(Math.min(kept, overflown) > 10, "some sums fit and some do not");
  });

  law("rolling aggregates read the right columns, whatever their names are", mixed, async (tools) => {
    const names = ["b", "B", "k0", "t", "f", "p0_0", "p0_0_total", "tiles0", "w0", "count", "x.y", 'a"b'];
    for (const name of names) {
      const schema: Schema = [nullable("key", "int64"), nullable("at", "timestamp"), nullable(name, "int64")];
      const rows = [
        ["1", timestampText(0n), "5"],
        ["1", timestampText(day), "7"],
        ["2", timestampText(0n), "1"],
      ];
      const outputs = [daily("sum", name, 2n), daily("std", name, 2n), daily("median", name, 1n)];
      const found = await tools.rows({ op: "sort", by: ["key", "at"], input: rollUp(table(schema, rows), outputs, ["key"]) });
      deepEqual(found, [
        [1n, day, 5n, null, 5],
        [1n, 2n * day, 12n, Math.SQRT2, 7],
        [1n, 3n * day, 7n, null, null],
        [1n, 4n * day, null, null, null],
        [2n, day, 1n, null, 1],
        [2n, 2n * day, 1n, null, null],
        [2n, 3n * day, null, null, null],
      ]);
    }
  });

  law("one column can be the key, the time, and the value of rolling aggregates", { ...mixed, rolling: ["max", "sum"] }, async (tools) => {
    const schema: Schema = [nullable("k0", "int64"), nullable("b", "timestamp")];
    const outputs = [daily("max", "b", 1n), daily("sum", "k0", 1n)];
    const plan = { ...rollUp(table(schema, [["4", timestampText(7n)]]), outputs, ["k0"]), timestamp: "b" };
    deepEqual(await tools.rows({ op: "sort", by: ["b"], input: plan }), [
      [4n, day, 7n, 4n],
      [4n, 2n * day, null, null],
    ]);
  });

  law(
    "rolling aggregates have one row without a timestamp for each key with such events",
    { ...summing, rolling: ["count", "sum"] },
    async (tools) => {
      const rows: Text[][] = [
        ["a", null, "1"],
        ["a", null, "2"],
        ["b", timestampText(0n), "3"],
        [null, null, "4"],
      ];
      const outputs = [daily("count", "n", 1n), { ...daily("sum", "n", 14n), every: 7n * day }];
      const found = await tools.rows(rollUp(table(keyed, rows), outputs, ["k"]));
      deepEqual(new Set(found.filter(([, at]) => at === null).map(([key]) => key)), new Set(["a", null]));
      deepEqual(found.length, 2 + 2 + 2);
      const lifetime = { ...daily("sum", "n", 1n), window: undefined };
      const sums = (await tools.rows(rollUp(table(keyed, [...rows, ["a", timestampText(0n), "8"]]), [lifetime], ["k"]))).filter(
        ([key]) => key === "a",
      );
      deepEqual(new Set(sums.map(([, at, sum]) => `${at} ${sum}`)), new Set([`${day} 8`, "null 3"]));
    },
  );

  law(
    "rolling aggregates take a date as its first timestamp in UTC",
    { ...summing, rolling: ["count"], kinds: ["timestamp", "date"] },
    async (tools) => {
      const schema: Schema = [nullable("k", "string"), nullable("at", "date"), nullable("n", "int64")];
      const rows = ["0001-01-01", "1969-12-31", "1970-01-01", "9999-12-31"].map((date) => ["a", date, "1"]);
      const found = await tools.rows({ op: "sort", by: ["at"], input: rollUp(table(schema, rows), [daily("count", "n", 1n)], ["k"]) });
      const start = BigInt(Date.parse("0001-01-01")) * 1000n;
      const end = BigInt(Date.parse("9999-12-31")) * 1000n;
      deepEqual(found, [
        ["a", start + day, 1n],
        ["a", start + 2n * day, 0n],
        ["a", 0n, 1n],
        ["a", day, 1n],
        ["a", 2n * day, 0n],
        ["a", end + day, 1n],
        ["a", end + 2n * day, 0n],
      ]);
    },
  );

  law(
    "rolling aggregates without keys are over all rows, and no rows give none",
    { ...mixed, rolling: ["count", "std"] },
    async (tools) => {
      const outputs = [daily("count", "n", 1n), daily("std", "n", 1n)];
      deepEqual(await tools.rows({ op: "sort", by: ["at"], input: rollUp(table(keyed, [["a", timestampText(0n), "3"]]), outputs, []) }), [
        [day, 1n, null],
        [2n * day, 0n, null],
      ]);
      deepEqual(await tools.rows(rollUp(table(keyed, []), outputs, ["k"])), []);
    },
  );

  const deviating = { operations: ["rollingAggregate"], rolling: ["std"], kinds: ["timestamp", "float64"] } as const;
  law("a rolling deviation is right even after the values moved by a billion times their deviation", deviating, async (tools) => {
    await assertInTime(
      fc.asyncProperty(casesOfDays, async (cases) => {
        const rows = cases.flatMap((days, index) => eventsOfDays(days).map(({ at, x }) => [String(index), timestampText(at), String(x)]));
        const found = await tools.rows(rollUp(await tools.stored(table(levels, rows)), deviations, ["case"]));
        deepEqual(firstWrong(found, cases), undefined);
      }),
      40,
    );
  });
}

const deviations: readonly Output[] = [1n, 2n, 7n].map((days) => ({
  name: `std_${days}d`,
  column: "x",
  function: "std",
  every: day,
  window: days * day,
}));
const levels: Schema = [nullable("case", "int64"), nullable("at", "timestamp"), nullable("x", "float64")];

/** Days with values of one level each, which differ by a few quarters. */
const daysOfCase = fc.array(
  fc.record({
    level: fc.constantFrom(0, 0, 1e9, -1e9, 1e6),
    quarters: fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 4 }),
  }),
  { maxLength: 8 },
);
const casesOfDays = fc.array(daysOfCase, { minLength: 25, maxLength: 25 });
type Days = readonly { readonly level: number; readonly quarters: readonly number[] }[];

function eventsOfDays(days: Days): readonly (Event & { readonly x: number })[] {
  return days.flatMap(({ level, quarters }, index) =>
    quarters.map((quarter, position) => {
      const x = level + quarter / 4;
      return { at: BigInt(index) * day + BigInt(position) * hour, values: { x }, x };
    }),
  );
}

/** Returns the first deviation that is wrong in its ninth digit or before, beyond what doubles as large as the values in the window can hold. */
function firstWrong(rows: readonly (readonly Cell[])[], cases: readonly Days[]): string | undefined {
  for (const [index, at, ...found] of rows) {
    const events = eventsOfDays(cases[Number(index)] ?? []);
    for (const [position, output] of deviations.entries()) {
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
