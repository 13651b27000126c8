import type { RollingFunction, Schema } from "@mlforge/spec";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { DuckDBEngine } from "../src/index.js";
import { rowsOf } from "./arrow-rows.js";
import { day, timestampText } from "./moments.js";
import { nullable, type Text, table } from "./plans.js";
import { rollUp } from "./rolling-cases.js";

const engine = new DuckDBEngine({ threads: 2 });
afterAll(() => engine[Symbol.asyncDispose]());

const daily = (name: RollingFunction, column: string, days: bigint) => ({
  name: `${name}_${days}d`,
  column,
  function: name,
  every: day,
  window: days * day,
});
const keyed: Schema = [nullable("k", "string"), nullable("at", "timestamp"), nullable("n", "int64")];

describe("a roll-up", () => {
  it("of integers beyond an int64 in one window is an overflow, also where every tile fits", async () => {
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
          for (const [, at, sum] of await rowsOf(engine, plan)) expect(sum ?? 0n).toBe(sums[Number(at) / Number(day)]);
        } else {
          overflown++;
          await expect(rowsOf(engine, plan)).rejects.toMatchObject({ code: "ARITHMETIC_OVERFLOW" });
        }
      }),
      { numRuns: 150 },
    );
    expect(Math.min(kept, overflown)).toBeGreaterThan(10);
  });

  it("reads the columns it is told to, whatever they are called", async () => {
    const names = ["b", "B", "k0", "t", "f", "p0_0", "p0_0_total", "tiles0", "w0", "count", "x.y", 'a"b'];
    for (const name of names) {
      const schema: Schema = [nullable("key", "int32"), nullable("at", "timestamp"), nullable(name, "int64")];
      const rows = [
        ["1", timestampText(0n), "5"],
        ["1", timestampText(day), "7"],
        ["2", timestampText(0n), "1"],
      ];
      const outputs = [daily("sum", name, 2n), daily("std", name, 2n), daily("median", name, 1n)];
      const found = await rowsOf(engine, { op: "sort", by: ["key", "at"], input: rollUp(table(schema, rows), outputs, ["key"]) });
      expect(found).toEqual([
        [1, day, 5n, null, 5],
        [1, 2n * day, 12n, Math.SQRT2, 7],
        [1, 3n * day, 7n, null, null],
        [1, 4n * day, null, null, null],
        [2, day, 1n, null, 1],
        [2, 2n * day, 1n, null, null],
        [2, 3n * day, null, null, null],
      ]);
    }
  });

  it("takes a column as key, as time and as value at once", async () => {
    const schema: Schema = [nullable("k0", "int64"), nullable("b", "timestamp")];
    const outputs = [daily("max", "b", 1n), daily("sum", "k0", 1n)];
    const plan = { ...rollUp(table(schema, [["4", timestampText(7n)]]), outputs, ["k0"]), timestamp: "b" };
    expect(await rowsOf(engine, { op: "sort", by: ["b"], input: plan })).toEqual([
      [4n, day, 7n, 4n],
      [4n, 2n * day, null, null],
    ]);
  });

  it("gives one row without a timestamp for each key that has such events", async () => {
    const rows: Text[][] = [
      ["a", null, "1"],
      ["a", null, "2"],
      ["b", timestampText(0n), "3"],
      [null, null, "4"],
    ];
    const outputs = [daily("count", "n", 1n), { ...daily("sum", "n", 14n), every: 7n * day }];
    const found = await rowsOf(engine, rollUp(table(keyed, rows), outputs, ["k"]));
    expect(found.filter(([, at]) => at === null).map(([key]) => key)).toEqual(expect.arrayContaining(["a", null]));
    expect(found).toHaveLength(2 + 2 + 2);
  });

  it("takes a date as its first moment in UTC", async () => {
    const schema: Schema = [nullable("k", "string"), nullable("at", "date"), nullable("n", "int64")];
    const rows = ["0001-01-01", "1969-12-31", "1970-01-01", "9999-12-31"].map((date) => ["a", date, "1"]);
    const found = await rowsOf(engine, { op: "sort", by: ["at"], input: rollUp(table(schema, rows), [daily("count", "n", 1n)], ["k"]) });
    const start = BigInt(Date.parse("0001-01-01")) * 1000n;
    const end = BigInt(Date.parse("9999-12-31")) * 1000n;
    expect(found).toEqual([
      ["a", start + day, 1n],
      ["a", start + 2n * day, 0n],
      ["a", 0n, 1n],
      ["a", day, 1n],
      ["a", 2n * day, 0n],
      ["a", end + day, 1n],
      ["a", end + 2n * day, 0n],
    ]);
  });

  it("without keys is over all rows, and over no rows gives none", async () => {
    const outputs = [daily("count", "n", 1n), daily("std", "n", 1n)];
    expect(
      await rowsOf(engine, { op: "sort", by: ["at"], input: rollUp(table(keyed, [["a", timestampText(0n), "3"]]), outputs, []) }),
    ).toEqual([
      [day, 1n, null],
      [2n * day, 0n, null],
    ]);
    expect(await rowsOf(engine, rollUp(table(keyed, []), outputs, ["k"]))).toEqual([]);
  });
});
