import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Plan, Scan, Schema } from "@mlforge/spec";
import { compile } from "@mlforge/sql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../testkit/src/engine/arrow-rows.js";
import { nullable } from "../../testkit/src/engine/plans.js";
import { duckdb } from "../src/dialect/duckdb.js";
import { DuckDBEngine } from "../src/index.js";

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
      const left: Plan = { op: "numberRows", input, column: "row" };
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
      expect(await countOf({ op: "numberRows", input, column: "row" }, "row = n")).toEqual([400_000n, 0n]);
    }
  });
});

describe("zip", () => {
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
