import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Plan, Schema } from "@mlforge/spec";
import { compile } from "@mlforge/sql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../testkit/src/engine/arrow-rows.js";
import { nullable, table } from "../../testkit/src/engine/plans.js";
import { duckdb } from "../src/dialect/duckdb.js";
import { DuckDBEngine } from "../src/index.js";

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

function relation(keys: readonly Key[]): Plan {
  return table(
    columns,
    keys.map(({ a, b }) => [a === null ? null : String(a), b]),
  );
}

function violations(input: Plan, options: { sorted?: boolean; unique?: boolean; limit?: number }): Plan {
  return { op: "keyViolations", input, keys: ["a", "b"], sorted: false, unique: false, limit: 100, ...options };
}

describe("key violations", () => {
  it("of keys known to be unique are the nulls only", async () => {
    const keys = [
      { a: 1, b: "x" },
      { a: 1, b: "x" },
      { a: null, b: "x" },
    ];
    expect(await rowsOf(engine, violations(relation(keys), { unique: true }))).toEqual([[null, "x", "null", 1n]]);
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
