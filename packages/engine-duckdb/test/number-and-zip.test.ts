import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Plan, Scan, Schema, Zip } from "@mlforge/spec";
import { compile } from "@mlforge/sql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { duckdb } from "../src/dialect/duckdb.js";
import { DuckDBEngine } from "../src/index.js";
import { rowsOf } from "./arrow-rows.js";
import { nullable } from "./plans.js";

const engine = new DuckDBEngine({ threads: 4 });
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-zip-"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A file of the numbers from `start` on and a text of each, in columns called `n` and `s` after the prefix. */
async function numbers(prefix: string, start: number, count: number): Promise<Scan> {
  const columns: Schema = [nullable(`${prefix}n`, "int64"), nullable(`${prefix}s`, "string")];
  const url = pathToFileURL(join(folder, `${prefix}${start}.parquet`)).href;
  const query = `SELECT i AS ${prefix}n, repeat(CAST(i AS VARCHAR), CAST(i % 3 AS BIGINT)) AS ${prefix}s FROM range(${start}, ${start + count}) AS r(i)`;
  await engine.write({ op: "sql", query, inputs: {}, columns }, { url, format: "parquet" });
  return { op: "scan", source: prefix, format: { kind: "parquet" }, paths: [url], columns };
}

/** How many rows there are, and for how many a condition is not true. */
async function countOf(input: Plan, condition: string): Promise<unknown> {
  const columns = [nullable("rows", "int64"), nullable("wrong", "int64")];
  const query = `SELECT count(*) AS rows, count(*) FILTER (WHERE (${condition}) IS NOT TRUE) AS wrong FROM input`;
  return (await rowsOf(engine, { op: "sql", query, inputs: { input }, columns }))[0];
}

describe("number", () => {
  it("counts the rows of several files in their order", async () => {
    const [first, second, third] = [await numbers("a", 0, 300_000), await numbers("a", 300_000, 1), await numbers("a", 300_001, 250_000)];
    const input: Scan = { ...first, paths: [first, second, third].flatMap(({ paths }) => paths) };
    expect(await countOf({ op: "number", input, column: "row" }, "row = an")).toEqual([550_001n, 0n]);
  });

  it.each(["parquet", "csv"] as const)(
    "counts the rows of %s files of different columns in their order, also below a join",
    async (kind) => {
      const columns: Schema = [nullable("k", "string"), nullable("x", "float64")];
      const paths = Array.from({ length: 6 }, (_, index) => join(folder, `order-${index}.${kind}`));
      for (const [index, path] of paths.entries()) {
        const names = index % 2 === 0 ? ["k", "x"] : ["x", "k"];
        const values = `SELECT CAST(i AS VARCHAR) AS k, CAST(i AS ${index % 2 === 0 ? "BIGINT" : "DOUBLE"}) AS x FROM range(${index * 10}, ${index * 10 + 10}) AS r(i)`;
        const connection = await (await DuckDBInstance.create()).connect();
        await connection.run(`COPY (SELECT ${names.join(", ")} FROM (${values})) TO '${path}'`);
        connection.closeSync();
      }
      const input: Scan = { op: "scan", source: "order", format: { kind }, paths: paths.map((path) => pathToFileURL(path).href), columns };
      const right: Plan = {
        op: "sql",
        query: "SELECT CAST(7 AS VARCHAR) AS k, true AS seen",
        inputs: {},
        columns: [nullable("k", "string"), nullable("seen", "boolean")],
      };
      const left: Plan = { op: "number", input, column: "row" };
      const joined: Plan = { op: "sort", by: ["row"], input: { op: "join", left, right, on: [{ left: "k", right: "k" }], type: "left" } };
      const expected = Array.from({ length: 60 }, (_, n) => String(n));
      for (let run = 0; run < 40; run++) expect((await rowsOf(engine, joined)).map(([k]) => k)).toEqual(expected);
    },
  );

  it("counts the lines of large text files in their order", async () => {
    const columns = [nullable("n", "int64")];
    const lines = Array.from({ length: 400_000 }, (_, n) => `${n}`);
    await writeFile(join(folder, "large.csv"), `n\n${lines.join("\n")}\n`);
    await writeFile(join(folder, "large.ndjson"), `${lines.map((n) => `{"n":${n}}`).join("\n")}\n`);
    for (const kind of ["csv", "ndjson"] as const) {
      const paths = [pathToFileURL(join(folder, `large.${kind}`)).href];
      const input: Scan = { op: "scan", source: "large", format: { kind }, paths, columns };
      expect(await countOf({ op: "number", input, column: "row" }, "row = n")).toEqual([400_000n, 0n]);
    }
  });

  it("stays with its row in a sort and in a file", async () => {
    const input = await numbers("b", 0, 400_000);
    const numbered: Plan = { op: "number", input, column: "row" };
    const url = pathToFileURL(join(folder, "sorted.parquet")).href;
    const columns: Schema = [...(input.columns ?? []), nullable("row", "int64")];
    await engine.write({ op: "sort", by: ["bs", "row"], input: numbered }, { url, format: "parquet" });
    const sorted: Scan = { op: "scan", source: "sorted", format: { kind: "parquet" }, paths: [url], columns };
    expect(await countOf(sorted, "row = bn")).toEqual([400_000n, 0n]);
    expect(await countOf({ op: "number", column: "place", input: { op: "sort", by: ["row"], input: sorted } }, "place = bn")).toEqual([
      400_000n,
      0n,
    ]);
  });
});

describe("zip", () => {
  it("has the rows of all inputs side by side, in their order, over several files and row groups", async () => {
    const whole = await numbers("c", 0, 400_000);
    const [head, tail] = [await numbers("d", 0, 150_000), await numbers("d", 150_000, 250_000)];
    const parts: Scan = { ...head, paths: [...head.paths, ...tail.paths] };
    const third = await numbers("e", 0, 400_000);
    const plan: Zip = { op: "zip", inputs: [whole, parts, third] };
    const url = pathToFileURL(join(folder, "zipped.parquet")).href;
    expect(await engine.write(plan, { url, format: "parquet" })).toEqual({ rows: 400_000, files: [url] });
    const columns = [whole, parts, third].flatMap((scan) => scan.columns ?? []);
    const zipped: Scan = { op: "scan", source: "zipped", format: { kind: "parquet" }, paths: [url], columns };
    const same = "cn = dn AND cn = en AND cs = ds AND cs = es";
    expect(await countOf({ op: "number", input: zipped, column: "row" }, `${same} AND cn = row`)).toEqual([400_000n, 0n]);
    expect(await countOf(plan, same)).toEqual([400_000n, 0n]);
  });

  it("reads the stated columns only, in their order and kinds", async () => {
    const [left, right] = [await numbers("f", 0, 3), await numbers("g", 0, 3)];
    const plan: Zip = {
      op: "zip",
      inputs: [
        { ...left, columns: [nullable("fs", "string"), nullable("fn", "decimal", { precision: 38, scale: 0 })] },
        { ...right, columns: [nullable("gn", "int64")] },
      ],
    };
    expect((await engine.describe(plan)).columns.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "fs string",
      "fn decimal",
      "gn int64",
    ]);
    expect(await rowsOf(engine, plan)).toEqual([
      ["", 0n, 0n],
      ["1", 1n, 1n],
      ["22", 2n, 2n],
    ]);
  });

  it("streams its inputs, and holds none in memory", async () => {
    const scans = await Promise.all(["h", "i", "j"].map((prefix) => numbers(prefix, 0, 10)));
    const inputs = scans.map((scan) => ({ ...scan, paths: scan.paths.map((url) => new URL(url).pathname) }));
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(`EXPLAIN ${compile({ op: "zip", inputs }, duckdb)}`);
    const plan = JSON.stringify(reader.getRowsJson());
    connection.closeSync();
    instance.closeSync();
    expect(plan).toContain("POSITIONAL_SCAN");
    expect(plan).not.toContain("POSITIONAL_JOIN");
  });
});
