import type { Plan } from "@mlforge/spec";
import { afterAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../testkit/src/engine/arrow-rows.js";
import { column, nullable, table } from "../../testkit/src/engine/plans.js";
import { DuckDBEngine } from "../src/index.js";

const engine = new DuckDBEngine({ threads: 2 });
afterAll(() => engine[Symbol.asyncDispose]());

const people = table(
  [nullable("id", "int32"), nullable("name", "string")],
  [
    ["1", "Ada"],
    ["2", "Bob"],
    ["2", "Bea"],
    [null, "Nil"],
  ],
);
const orders = table(
  [nullable("person", "int32"), nullable("amount", "int64")],
  [
    ["2", "20"],
    ["2", "30"],
    ["3", "40"],
    [null, "50"],
  ],
);
const sorted = (input: Plan, ...by: readonly string[]): Plan => ({ op: "sort", input, by });

describe("a relation", () => {
  it("refuses names that differ in case only, which DuckDB would mix up", async () => {
    const columns = [
      { name: "id", value: column("id") },
      { name: "ID", value: column("name") },
    ];
    await expect(rowsOf(engine, { op: "project", input: people, columns })).rejects.toMatchObject({ code: "DEFINITION_INVALID" });
  });
});

describe("SQL", () => {
  const sql = (query: string, columns = [nullable("n", "int64")]): Plan => ({ op: "sql", query, inputs: { people, orders }, columns });

  it("reads its inputs by name and gives the declared columns in their order", async () => {
    const columns = [nullable("total", "int64"), nullable("name", "string")];
    const query = "SELECT name, sum(amount) AS total FROM people JOIN orders ON id = person GROUP BY name ORDER BY name; ";
    expect(await rowsOf(engine, sorted(sql(query, columns), "name"))).toEqual([
      [50n, "Bea"],
      [50n, "Bob"],
    ]);
  });

  it("may end in a comment and hold definitions of its own", async () => {
    expect(await rowsOf(engine, sql("WITH people AS (SELECT 7 AS n) SELECT n FROM people -- done"))).toEqual([[7n]]);
  });

  it.each([
    ["two statements", "SELECT 1 AS n; SELECT 2 AS n", "TRANSFORM_FAILED"],
    ["a closing parenthesis", "SELECT 1 AS n) AS t; SELECT * FROM (SELECT 2 AS n", "TRANSFORM_FAILED"],
    ["a statement that is no query", "CREATE TABLE t (n INTEGER)", "TRANSFORM_FAILED"],
    ["a COPY", "COPY (SELECT 1) TO '/tmp/never.csv'", "TRANSFORM_FAILED"],
    ["an unknown column", "SELECT nope AS n FROM people", "TRANSFORM_FAILED"],
    ["nothing", "", "TRANSFORM_FAILED"],
    ["another type", "SELECT name AS n FROM people", "SCHEMA_MISMATCH"],
    ["a column that is not declared", "SELECT 1 AS n, 2 AS m", "SCHEMA_MISMATCH"],
    ["no such column", "SELECT 1 AS m", "SCHEMA_MISMATCH"],
    ["a list", "SELECT [1] AS n", "SCHEMA_MISMATCH"],
  ])("of %s is refused", async (_, query, code) => {
    await expect(engine.describe(sql(query))).rejects.toMatchObject({ code });
    await expect(rowsOf(engine, sql(query))).rejects.toMatchObject({ code });
  });

  it("names every wrong column at once", async () => {
    const wrong = sql("SELECT 'x' AS n, 1 AS extra", [nullable("n", "int64"), nullable("m", "string")]);
    await expect(engine.describe(wrong)).rejects.toMatchObject({
      code: "SCHEMA_MISMATCH",
      details: { problems: [expect.stringContaining('"n"'), expect.stringContaining('"m"'), expect.stringContaining('"extra"')] },
    });
  });

  it("whose integers do not fit is an overflow", async () => {
    await expect(rowsOf(engine, sql("SELECT 9223372036854775808 AS n"))).rejects.toMatchObject({ code: "ARITHMETIC_OVERFLOW" });
  });
});

describe("names", () => {
  it("of an input mean themselves", async () => {
    const plan: Plan = {
      op: "sql",
      query: 'SELECT * FROM "a""; --"',
      inputs: { 'a"; --': orders },
      columns: [nullable("person", "int32"), nullable("amount", "int64")],
    };
    expect((await rowsOf(engine, plan)).length).toBe(4);
  });

  it("with NUL are refused as names, since DuckDB would end the query there", async () => {
    const plan: Plan = { op: "project", input: people, columns: [{ name: "a\0b", value: column("id") }] };
    await expect(engine.describe(plan)).rejects.toMatchObject({ code: "DEFINITION_INVALID" });
  });
});
