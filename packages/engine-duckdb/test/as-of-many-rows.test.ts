import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Scan, Schema } from "@mlforge/spec";
import { expect, it } from "vitest";
import { DuckDBEngine } from "../src/index.js";
import { type Cell, rowsOf } from "./arrow-rows.js";
import { nullable } from "./plans.js";

/** Keys and moments in no order, some of them null. Feature rows are unique on both but for nulls. */
const labelQuery = `SELECT CASE WHEN hash(i) % 50 > 0 THEN CAST(hash(i) % 1000 AS VARCHAR) END AS a, CAST(i % 3 AS BIGINT) AS b,
CASE WHEN hash(i + 1) % 50 > 0 THEN make_timestamp(CAST(hash(i + 1) % 1000000 AS BIGINT)) END AS at FROM range(200000) AS r(i)`;
const featureQuery = `SELECT DISTINCT ON (a, b, known) * FROM (
SELECT CASE WHEN hash(i + 2) % 50 > 0 THEN CAST(hash(i + 2) % 1000 AS VARCHAR) END AS a,
CASE WHEN hash(i + 3) % 50 > 0 THEN CAST(hash(i + 3) % 3 AS BIGINT) END AS b,
CASE WHEN hash(i + 4) % 50 > 0 THEN make_timestamp(CAST(hash(i + 4) % 1000000 AS BIGINT)) END AS known, i AS v FROM range(300000) AS r(i)
) AS t`;

it("an as-of join over many row groups and threads gives every label what a search finds for it, in the order of the labels", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mlforge-as-of-many-"));
  const engine = new DuckDBEngine({ threads: 4 });
  const written = async (name: string, query: string, columns: Schema): Promise<Scan> => {
    const url = pathToFileURL(join(folder, name)).href;
    await engine.write({ op: "sql", query, inputs: {}, columns }, { url, format: "parquet" });
    return { op: "scan", source: name, format: { kind: "parquet" }, paths: [url], columns };
  };
  const keys = [nullable("a", "string"), nullable("b", "int64")];
  const labels = await written("labels", labelQuery, [...keys, nullable("at", "timestamp")]);
  const features = await written("features", featureQuery, [...keys, nullable("known", "timestamp"), nullable("v", "int64")]);

  const byKey = new Map<string, [bigint, Cell][]>();
  for (const [a, b, known, v] of await rowsOf(engine, { op: "sort", by: ["known"], input: features })) {
    if (a === null || b === null || typeof known !== "bigint") continue;
    const rows = byKey.get(`${a} ${b}`);
    if (rows === undefined) byKey.set(`${a} ${b}`, [[known, v ?? null]]);
    else rows.push([known, v ?? null]);
  }
  const wanted = (await rowsOf(engine, labels)).map(([a, b, at], row) => {
    const newest =
      typeof at === "bigint"
        ? byKey
            .get(`${a} ${b}`)
            ?.filter(([known]) => known <= at)
            .at(-1)
        : undefined;
    return [a, b, at, BigInt(row), newest?.[1] ?? null];
  });

  const found = await rowsOf(engine, {
    op: "sort",
    by: ["row"],
    input: {
      op: "asOfJoin",
      left: { op: "number", input: labels, column: "row" },
      right: features,
      on: keys.map(({ name }) => ({ left: name, right: name })),
      timestamps: { left: "at", right: "known" },
      allowExactMatches: true,
      columns: [{ name: "v", as: "v" }],
    },
  });
  expect(found).toHaveLength(200_000);
  expect(found.findIndex((row, index) => row.some((cell, column) => cell !== wanted[index]?.[column]))).toBe(-1);
  expect(found.filter((row) => row[4] === null).length).toBeLessThan(20_000);
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
