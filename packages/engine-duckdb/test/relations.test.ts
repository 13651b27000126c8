import type { Plan } from "@mlforge/spec";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { DuckDBEngine } from "../src/index.js";
import { rowsOf } from "./arrow-rows.js";
import { call, column, literal, nullable, table } from "./plans.js";

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
const on = [{ left: "id", right: "person" }];
const sorted = (input: Plan, ...by: readonly string[]): Plan => ({ op: "sort", input, by });

describe("a relation", () => {
  it("filter keeps the rows whose condition is true, not those where it is null", async () => {
    const condition = call("greater", column("id"), literal("int32", "1"));
    const rows = await rowsOf(engine, sorted({ op: "filter", input: people, condition }, "name"));
    expect(rows).toEqual([
      [2, "Bea"],
      [2, "Bob"],
    ]);
  });

  it("project reads columns of its input only, also where it gives one of the same name", async () => {
    const columns = [
      { name: "name", value: call("add", column("id"), literal("int32", "1")) },
      { name: "id", value: column("name") },
    ];
    const rows = await rowsOf(engine, sorted({ op: "project", input: people, columns }, "id"));
    expect(rows).toEqual([
      [2n, "Ada"],
      [3n, "Bea"],
      [3n, "Bob"],
      [null, "Nil"],
    ]);
  });

  it("inner join gives the pairs, and null matches nothing", async () => {
    const rows = await rowsOf(engine, sorted({ op: "join", type: "inner", left: people, right: orders, on }, "name", "amount"));
    expect(rows).toEqual([
      [2, "Bea", 20n],
      [2, "Bea", 30n],
      [2, "Bob", 20n],
      [2, "Bob", 30n],
    ]);
  });

  it("left join keeps what has no match", async () => {
    const rows = await rowsOf(engine, sorted({ op: "join", type: "left", left: people, right: orders, on }, "name", "amount"));
    expect(rows).toEqual([
      [1, "Ada", null],
      [2, "Bea", 20n],
      [2, "Bea", 30n],
      [2, "Bob", 20n],
      [2, "Bob", 30n],
      [null, "Nil", null],
    ]);
  });

  it("distinct gives each row once, nulls and NaN included", async () => {
    const input = table([nullable("x", "float64")], [["1"], [null], ["NaN"], ["1"], [null], ["NaN"]]);
    expect(await rowsOf(engine, sorted({ op: "distinct", input }, "x"))).toEqual([[1], [Number.NaN], [null]]);
  });

  it("sort is ascending by the UTF-8 bytes, nulls last", async () => {
    const text = fc.option(fc.string({ unit: "binary", maxLength: 4 }), { nil: null });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 20 }), async (values) => {
        const input = table(
          [nullable("s", "string")],
          values.map((value) => [value]),
        );
        const bytes = values.flatMap((value) => (value === null ? [] : [Buffer.from(value)])).sort(Buffer.compare);
        const expected = [...bytes.map(String), ...values.filter((value) => value === null)];
        expect((await rowsOf(engine, sorted(input, "s"))).map(([value]) => value)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it("limit takes the first rows of a sort", async () => {
    expect(await rowsOf(engine, { op: "limit", count: 2, input: sorted(people, "name") })).toEqual([
      [1, "Ada"],
      [2, "Bea"],
    ]);
    expect(await rowsOf(engine, { op: "limit", count: 0, input: people })).toEqual([]);
  });

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

describe("names and texts", () => {
  const hostile = fc.constantFrom('"', "'", ";", "--", "\n", "/*", "*/", ")", "DROP TABLE t", "\\", "$1", "é", "a", " ");
  const name = fc.array(hostile, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));

  it("of any characters mean themselves", async () => {
    await fc.assert(
      fc.asyncProperty(name, name, name, async (source, target, text) => {
        const input: Plan = {
          op: "project",
          input: table([nullable(source, "string")], [[text]]),
          columns: [{ name: target, value: call("concat", column(source), literal("string", text)) }],
        };
        const counted: Plan = {
          op: "aggregate",
          input,
          keys: [target],
          aggregates: [{ name: `${target}#`, value: { function: "count" } }],
        };
        expect((await engine.describe(counted)).columns.map((found) => found.name)).toEqual([target, `${target}#`]);
        expect(await rowsOf(engine, sorted(counted, target))).toEqual([[text + text, 1n]]);
      }),
      { numRuns: 60 },
    );
  });

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
