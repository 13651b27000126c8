import { type Plan, schemaOf } from "@mlforge/spec";
import { afterAll, describe, expect, it } from "vitest";
import { duckdb } from "../../engine-duckdb/src/dialect/duckdb.js";
import { DuckDBEngine } from "../../engine-duckdb/src/index.js";
import { type Cell, rowsOf } from "../../testkit/src/engine/arrow-rows.js";
import { asOfLaws } from "../../testkit/src/engine/conformance/as-of.js";
import { asOfEdgeLaws } from "../../testkit/src/engine/conformance/as-of-edges.js";
import { call, column, literal, nullable, table } from "../../testkit/src/engine/plans.js";
import type { EngineLaw } from "../../testkit/src/engine/runner.js";
import { standardAsOfJoin } from "../src/as-of-join.js";
import { compile, type Dialect } from "../src/index.js";
import { postgres } from "./postgres-dialect.js";

describe("a dialect", () => {
  const input = table([nullable("k", "string")], []);
  const scan: Plan = { op: "scan", source: "rows", format: { kind: "parquet" }, paths: [], columns: input.columns };
  const topK: Plan = {
    op: "aggregate",
    input,
    keys: [],
    aggregates: [{ name: "v", value: { function: "topK", input: column("k"), limit: 1 } }],
  };

  it.each<[string, Plan]>([
    ["the function matches", { op: "filter", input, condition: call("matches", column("k"), literal("string", ".")) }],
    ["the aggregate topK", topK],
    ["scans of files", scan],
    ["zipped files", { op: "zip", inputs: [scan] }],
  ])("without %s refuses plans that need it", (capability, plan) => {
    const details = { plugin: "postgres", capability };
    expect(() => compile(plan, postgres)).toThrowError(expect.objectContaining({ code: "CAPABILITY_MISSING", details }));
  });
});

describe("a limit", () => {
  it("cuts the rows of a sort where they are sorted, because a subquery has no order", () => {
    const input = table([nullable("k", "string")], [["a"]]);
    const sql = compile({ op: "limit", count: 3, input: { op: "sort", by: ["k"], input } }, postgres);
    expect(sql).toMatch(/\) AS t\nORDER BY "k" ASC NULLS LAST\nLIMIT 3$/);
  });
});

describe("the as-of join in standard SQL, on DuckDB, obeys the laws of engines:", () => {
  const engine = new DuckDBEngine({ threads: 2 });
  afterAll(() => engine[Symbol.asyncDispose]());
  const standard: Dialect = { ...duckdb, asOfJoin: (plan, left, right) => standardAsOfJoin(plan, left, right, standard) };
  const standardSql = (plan: Plan): Plan => {
    if (plan.op === "sort") return { ...plan, input: standardSql(plan.input) };
    const query = compile(plan, standard);
    expect(query).not.toContain("ASOF");
    return { op: "sql", query, inputs: {}, columns: schemaOf(plan) };
  };
  const rows = (plan: Plan): Promise<Cell[][]> => rowsOf(engine, standardSql(plan));
  const refuse = (): never => {
    throw new TypeError("this law is not about rows");
  };
  // The laws that compare answers with each other take long, and hold where all answers are right.
  const isLong = /later rows|order of rows/;
  const law: EngineLaw = (title, { files = false }, body) => {
    if (files || isLong.test(title)) return;
    it(title, () =>
      body({
        engine,
        rows,
        only: async (plan) => (await rows(plan))[0]?.[0],
        stored: async (plan) => plan,
        file: refuse,
        url: refuse,
        folder: "",
      }),
    );
  };
  asOfLaws(law);
  asOfEdgeLaws(law);
});
