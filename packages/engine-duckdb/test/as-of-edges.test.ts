import { DuckDBInstance } from "@duckdb/node-api";
import type { AsOfJoin, Plan, Schema } from "@mlforge/spec";
import { compile } from "@mlforge/sql";
import { afterAll, describe, expect, it } from "vitest";
import { duckdb } from "../src/dialect/duckdb.js";
import { DuckDBEngine } from "../src/index.js";
import { rowsOf } from "./arrow-rows.js";
import { day, hour, timestampText } from "./moments.js";
import { nullable, type Text, table } from "./plans.js";

const engine = new DuckDBEngine({ threads: 2 });
afterAll(() => engine[Symbol.asyncDispose]());

const labels: Schema = [nullable("k", "string"), nullable("at", "timestamp")];
const features: Schema = [nullable("k", "string"), nullable("at", "timestamp"), nullable("v", "int64")];

function known(left: Plan, right: Plan, options: Partial<AsOfJoin> = {}): Plan {
  const input: AsOfJoin = {
    op: "asOfJoin",
    left: { op: "number", input: left, column: "row" },
    right,
    on: [{ left: "k", right: "k" }],
    timestamps: { left: "at", right: "at" },
    allowExactMatches: true,
    columns: [{ name: "v", as: "v" }],
    ...options,
  };
  return { op: "sort", by: ["row"], input };
}

/** DuckDB has one way to join fewer than 64 labels, and another for more. */
const counts = [3, 300];
const many = (count: number, row: readonly Text[]): Text[][] => Array.from({ length: count }, () => [...row]);

describe("an as-of join", () => {
  it.each(counts)("knows nothing of a row without a timestamp (%i labels)", async (count) => {
    const rows = [
      ["a", null, "1"],
      [null, null, "2"],
      [null, timestampText(0n), "3"],
    ];
    for (const label of [
      ["a", null],
      ["a", timestampText(0n)],
      [null, timestampText(0n)],
      [null, null],
    ]) {
      const found = await rowsOf(engine, known(table(labels, many(count, label)), table(features, rows)));
      expect(found.map((row) => row[3])).toEqual(many(count, label).map(() => null));
    }
  });

  it.each(counts)("tells a label without a timestamp nothing (%i labels)", async (count) => {
    const rows = Array.from({ length: 5 }, (_, index) => ["a", timestampText(BigInt(index) * day), "1"]);
    const left = table(labels, [...many(count, ["a", timestampText(day)]), ...many(count, ["a", null])]);
    const found = await rowsOf(engine, known(left, table(features, rows)));
    expect(found.map((row) => row[3])).toEqual([...many(count, []).map(() => 1n), ...many(count, []).map(() => null)]);
  });

  it.each(counts)("knows nothing of a row with a null in any of its keys (%i labels)", async (count) => {
    const columns = ["a", "b", "c"].map((name) => nullable(name, "string"));
    const on = columns.map(({ name }) => ({ left: name, right: name }));
    for (const key of [
      [null, "b", "c"],
      ["a", null, "c"],
      ["a", "b", null],
      [null, null, null],
    ]) {
      const left = table([...columns, nullable("at", "timestamp")], many(count, [...key, timestampText(1n)]));
      const right = table([...columns, nullable("at", "timestamp"), nullable("v", "int64")], [[...key, timestampText(0n), "1"]]);
      const found = await rowsOf(engine, known(left, right, { on }));
      expect(found.map((row) => row[5])).toEqual(many(count, key).map(() => null));
    }
  });

  it.each(counts)("knows a row until it is exactly as old as the ttl (%i labels)", async (count) => {
    const ttl = String(day);
    const rows = [["a", timestampText(0n), "1"]];
    const valueAt = async (at: bigint, allowExactMatches = true): Promise<unknown> => {
      const found = await rowsOf(
        engine,
        known(table(labels, many(count, ["a", timestampText(at)])), table(features, rows), { ttl, allowExactMatches }),
      );
      return found.at(-1)?.[3];
    };
    expect(await valueAt(-1n)).toBeNull();
    expect(await valueAt(0n)).toBe(1n);
    expect(await valueAt(0n, false)).toBeNull();
    expect(await valueAt(1n, false)).toBe(1n);
    expect(await valueAt(day - 1n)).toBe(1n);
    expect(await valueAt(day)).toBeNull();
  });

  it.each(counts)("does not fall back on an older row where the newest is null, or too old (%i labels)", async (count) => {
    const rows = [
      ["a", timestampText(0n), "1"],
      ["a", timestampText(hour), null],
    ];
    const left = table(labels, many(count, ["a", timestampText(day)]));
    expect((await rowsOf(engine, known(left, table(features, rows)))).map((row) => row[3])).toEqual(many(count, []).map(() => null));
    expect((await rowsOf(engine, known(left, table(features, rows), { ttl: "1" }))).map((row) => row[3])).toEqual(
      many(count, []).map(() => null),
    );
  });

  it.each(counts)("measures a day as 24 hours where clocks change (%i labels)", async (count) => {
    // In New York clocks went from 2:00 to 3:00 on March 10, 2024.
    const noon = BigInt(Date.parse("2024-03-09T12:00:00Z")) * 1000n;
    const rows = [["a", timestampText(noon), "1"]];
    for (const [late, value] of [
      [day - 1n, 1n],
      [day, null],
    ] as const) {
      const left = table(labels, many(count, ["a", timestampText(noon + late)]));
      const found = await rowsOf(engine, known(left, table(features, rows), { ttl: String(day) }));
      expect(found.at(-1)?.[3]).toBe(value);
    }
  });

  it.each(counts)("keeps labels where the feature has no rows, and gives nothing without labels (%i labels)", async (count) => {
    const left = table(labels, many(count, ["a", timestampText(0n)]));
    const found = await rowsOf(engine, known(left, table(features, [])));
    expect(found).toEqual(many(count, []).map((_, row) => ["a", 0n, BigInt(row), null]));
    expect(await rowsOf(engine, known(table(labels, []), table(features, [["a", timestampText(0n), "1"]])))).toEqual([]);
  });

  it.each(counts)("on no columns is over all rows (%i labels)", async (count) => {
    const left = table(labels, [...many(count, ["a", timestampText(day)]), ["a", null]]);
    const rows = [
      ["b", timestampText(0n), "1"],
      ["c", timestampText(hour), "2"],
      ["d", null, "3"],
    ];
    const found = await rowsOf(engine, known(left, table(features, rows), { on: [] }));
    expect(found.map((row) => row[3])).toEqual([...many(count, []).map(() => 2n), null]);
  });

  it("is joined by DuckDB in two ways, which the counts above tell apart", async () => {
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const uses = await Promise.all(
      counts.map(async (count) => {
        const plan = known(table(labels, many(count, ["a", timestampText(0n)])), table(features, [["a", timestampText(0n), "1"]]));
        const reader = await connection.runAndReadAll(`EXPLAIN ${compile(plan, duckdb)}`);
        return JSON.stringify(reader.getRowsJson()).includes("ASOF_JOIN");
      }),
    );
    connection.closeSync();
    instance.closeSync();
    expect(uses).toEqual([false, true]);
  });
});
