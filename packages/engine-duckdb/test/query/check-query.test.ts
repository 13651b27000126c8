import type { Plan, Schema } from "@mlforge/spec";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { nullable, table } from "../../../testkit/src/engine/plans.js";
import { DuckDBEngine } from "../../src/index.js";
import { accepted, refused, volatile } from "./statements.js";

const engine = new DuckDBEngine({ threads: 2 });
afterAll(() => engine[Symbol.asyncDispose]());

const people = table([nullable("id", "int32"), nullable("name", "string")], [["1", "Ada"]]);
const orders = table([nullable("person", "int32"), nullable("amount", "int64")], [["2", "20"]]);

const sql = (query: string, columns: Schema = [nullable("n", "int64")]): Plan & { readonly op: "sql" } => ({
  op: "sql",
  query,
  inputs: { people, orders },
  columns,
});

/** Returns the error of a query, whose columns are always wrong: a query that DuckDB has bound ends in a SCHEMA_MISMATCH. */
async function errorOf(plan: Plan): Promise<unknown> {
  return engine.describe(plan).then(
    () => undefined,
    (error: unknown) => error,
  );
}

const none = [nullable("no_such_column", "int64")];
const bound = expect.objectContaining({ code: "SCHEMA_MISMATCH" });

describe("a SQL transform", () => {
  it.each(refused)("is refused: %s", async (query, words) => {
    const expected = { code: "DEFINITION_INVALID", message: expect.stringContaining(words) };
    for (const plan of [sql(query), { ...sql(query), volatile: true as const }])
      await expect(engine.describe(plan)).rejects.toMatchObject(expected);
  });

  it.each(volatile)("is refused unless it is volatile: %s", async (query, words) => {
    const expected = { code: "DEFINITION_INVALID", message: expect.stringContaining(words) };
    await expect(engine.describe(sql(query))).rejects.toMatchObject(expected);
    expect(await errorOf({ ...sql(query, none), volatile: true })).toEqual(bound);
  });

  it.each(accepted)("is accepted: %s", async (query) => {
    expect(await errorOf(sql(query, none))).toEqual(bound);
  });

  it.each([
    "COPY people TO '/tmp/never.csv'",
    "ATTACH '/tmp/never.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "PRAGMA database_list",
    "CALL duckdb_secrets()",
    "EXPLAIN SELECT 1 AS n",
    "CREATE TABLE t AS FROM people",
    "INSERT INTO people VALUES (1)",
    "CREATE SECRET s (TYPE s3)",
    "EXPORT DATABASE '/tmp/never'",
    // DuckDB opens its files to count the statements in them.
    "IMPORT DATABASE '/tmp/never'",
    "CHECKPOINT",
    "USE main",
    "EXECUTE x",
    "DELETE FROM people",
    "MERGE INTO people USING orders ON true WHEN MATCHED THEN DELETE",
    "SET VARIABLE x = 1",
    "SELECT 1 AS n) AS t; SELECT * FROM (SELECT 2 AS n",
    "SELECT 1 AS n) AS t, (SELECT 2",
    "SELECT 1 AS n /*",
    "-- nothing",
    "SELECT 1 AS n; DROP TABLE people",
    "SELECT * FROM (PIVOT people ON name USING count(*))",
  ])("is one SELECT and not: %s", async (query) => {
    await expect(engine.describe(sql(query))).rejects.toMatchObject({
      code: "TRANSFORM_FAILED",
      message: expect.stringMatching(/write one SELECT|syntax error/),
    });
  });

  it("lists all problems", async () => {
    await expect(engine.describe(sql("SELECT random(), now() FROM 'a.csv', glob('*')"))).rejects.toMatchObject({
      details: { issues: [{ path: "sql" }, { path: "sql" }, { path: "sql" }, { path: "sql" }] },
    });
  });
});

/** Queries over common tables with few names, so that they hide and miss each other. */
const names = fc.constantFrom("a", "b", "C", "input");
function queries(depth: number): fc.Arbitrary<string> {
  const inner = depth === 0 ? names.map((name) => `SELECT 1 AS n FROM ${name}`) : queries(depth - 1);
  const from = fc.oneof(
    names,
    inner.map((query) => `(${query})`),
  );
  const body = fc.oneof(
    from.map((rows) => `SELECT 1 AS n FROM ${rows} AS t`),
    fc.tuple(from, from).map(([left, right]) => `SELECT 1 AS n FROM ${left} AS t UNION ALL SELECT 1 AS n FROM ${right} AS t`),
    inner.map((query) => `SELECT (SELECT max(n) FROM (${query}) AS t) AS n`),
  );
  const tables = fc.uniqueArray(fc.tuple(names, inner), { maxLength: 2, selector: ([name]) => name });
  return fc.tuple(fc.constantFrom("WITH", "WITH RECURSIVE"), tables, body).map(([keyword, tables, query]) => {
    if (tables.length === 0) return query;
    // DuckDB does not look at a common table that nothing uses.
    const uses = tables.map(([name]) => ` UNION ALL SELECT n FROM ${name}`).join("");
    return `${keyword} ${tables.map(([name, table]) => `${name} AS (${table})`).join(", ")} ${query}${uses}`;
  });
}

describe("names", () => {
  it("are refused wherever DuckDB would look outside the query, and never where all are declared", async () => {
    const input = table([nullable("n", "int64")], [["1"]]);
    // DuckDB itself says which names it looks for outside: the catalog is empty.
    const { DuckDBInstance } = await import("@duckdb/node-api");
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    let outside = 0;
    try {
      await fc.assert(
        fc.asyncProperty(queries(2), async (query) => {
          const refused = expect.objectContaining({ code: "DEFINITION_INVALID" });
          const declared = { a: input, b: input, c: input, input };
          expect(await errorOf({ op: "sql", query, inputs: declared, columns: none })).not.toEqual(refused);
          const error = await errorOf({ op: "sql", query, inputs: { input }, columns: none });
          const found = await connection.run(`DESCRIBE WITH input AS (SELECT 1 AS n) SELECT * FROM (${query}) AS t`).then(
            () => "bound",
            (reason: unknown) => (String(reason).includes("Table with name") ? "outside" : "other"),
          );
          if (found === "outside") {
            outside++;
            expect(error).toEqual(refused);
          } else if (found === "other") expect(error).not.toEqual(bound);
        }),
        { numRuns: 200 },
      );
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
    expect(outside).toBeGreaterThan(20);
  });
});
