import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Plan, Schema } from "@mlforge/spec";
import { compile } from "@mlforge/sql";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { duckdb } from "../src/dialect/duckdb.js";
import { DuckDBEngine } from "../src/index.js";
import { type Cell, rowsOf } from "./arrow-rows.js";
import { nullable, table } from "./plans.js";

const engine = new DuckDBEngine({ threads: 2 });
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-keys-"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const columns: Schema = [nullable("a", "int32"), nullable("b", "string")];

interface Key {
  readonly a: number | null;
  readonly b: string | null;
}

const key: fc.Arbitrary<Key> = fc.record({ a: fc.option(fc.integer({ min: 0, max: 3 })), b: fc.option(fc.constantFrom("x", "y")) });

function relation(keys: readonly Key[]): Plan {
  return table(
    columns,
    keys.map(({ a, b }) => [a === null ? null : String(a), b]),
  );
}

function violations(input: Plan, options: { sorted?: boolean; unique?: boolean; limit?: number }): Plan {
  return { op: "keyViolations", input, keys: ["a", "b"], sorted: false, unique: false, limit: 100, ...options };
}

/** Each key that has a null or several rows, once, with the number of its rows. */
function expected(keys: readonly Key[]): Cell[][] {
  const counts = new Map<string, { readonly key: Key; rows: number }>();
  for (const each of keys) {
    const text = JSON.stringify([each.a, each.b]);
    const counted = counts.get(text) ?? { key: each, rows: 0 };
    counts.set(text, { ...counted, rows: counted.rows + 1 });
  }
  return [...counts.values()].flatMap(({ key: { a, b }, rows }): Cell[][] => {
    if (a === null || b === null) return [[a, b, "null", BigInt(rows)]];
    return rows > 1 ? [[a, b, "duplicate", BigInt(rows)]] : [];
  });
}

const order = (rows: readonly Cell[][]): string[] => rows.map((row) => row.map(String).join(" ")).sort();

describe("key violations", () => {
  it.each([true, false])("are the nulls and the repeated keys (sorted: %s)", async (sorted) => {
    await fc.assert(
      fc.asyncProperty(fc.array(key, { maxLength: 12 }), async (keys) => {
        const input: Plan = sorted ? { op: "sort", by: ["a", "b"], input: relation(keys) } : relation(keys);
        const rows = await rowsOf(engine, violations(input, { sorted }));
        expect(order(rows)).toEqual(order(expected(keys)));
      }),
      { numRuns: 40 },
    );
  });

  it("of keys known to be unique are the nulls only", async () => {
    const keys = [
      { a: 1, b: "x" },
      { a: 1, b: "x" },
      { a: null, b: "x" },
    ];
    expect(await rowsOf(engine, violations(relation(keys), { unique: true }))).toEqual([[null, "x", "null", 1n]]);
  });

  it.each([true, false])("are at most `limit` of each, those of most rows (sorted: %s)", async (sorted) => {
    const nulls = ["x", "y", "y", "z", "z", "z"].map((b) => ({ a: null, b }));
    const keys = [...[0, 0, 1, 1, 1, 2, 2, 2, 2].map((a) => ({ a, b: "x" })), ...nulls];
    expect(await rowsOf(engine, violations(relation(keys), { sorted, limit: 2 }))).toEqual([
      [null, "z", "null", 3n],
      [null, "y", "null", 2n],
      [2, "x", "duplicate", 4n],
      [1, "x", "duplicate", 3n],
    ]);
  });

  it("of a sorted input need no sort and no hash of rows that break no rule", async () => {
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(`EXPLAIN ${compile(violations(relation([{ a: 1, b: "x" }]), { sorted: true }), duckdb)}`);
    const plan = JSON.stringify(reader.getRowsJson());
    connection.closeSync();
    instance.closeSync();
    expect(plan).toContain("STREAMING_WINDOW");
    expect(plan).not.toMatch(/ORDER_BY|[^_]WINDOW/);
    // What is hashed has come through a filter: the rows with a null, and those that repeat the one before.
    expect(plan.match(/GROUP_BY|FILTER/g)).toEqual(["GROUP_BY", "GROUP_BY", "FILTER", "FILTER"]);
  });

  it("are found across the threads and row groups of a sorted file", async () => {
    const url = pathToFileURL(join(folder, "sorted.parquet")).href;
    // 122,880 rows are a row group; the one repeated key stands on both sides of its end.
    const query = "SELECT CAST(i - (i >= 122880)::INTEGER AS INTEGER) AS a, 'x' AS b FROM range(400000) AS r(i)";
    const input: Plan = { op: "sql", query, inputs: {}, columns };
    await engine.write({ op: "sort", by: ["a", "b"], input }, { url, format: "parquet" });
    const file: Plan = { op: "scan", source: "built", format: { kind: "parquet" }, paths: [url], columns };
    expect(await rowsOf(engine, violations(file, { sorted: true }))).toEqual([[122_879, "x", "duplicate", 2n]]);
    expect(await rowsOf(engine, violations(file, { sorted: false }))).toEqual([[122_879, "x", "duplicate", 2n]]);
  });
});
