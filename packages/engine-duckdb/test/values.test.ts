import { DuckDBInstance } from "@duckdb/node-api";
import { compile } from "@mlforge/sql";
import { afterAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../testkit/src/engine/arrow-rows.js";
import { nullable } from "../../testkit/src/engine/plans.js";
import { duckdb } from "../src/dialect/duckdb.js";
import { DuckDBEngine } from "../src/index.js";

const engine = new DuckDBEngine({ threads: 2 });
afterAll(() => engine[Symbol.asyncDispose]());

describe("the batches of a query", () => {
  it("hold what DuckDB's own values say, across batches, with nulls in every column", async () => {
    const query = `SELECT
      CASE WHEN i % 3 > 0 THEN i END AS int64, CASE WHEN i % 5 > 0 THEN CAST(i % 1000 AS INTEGER) END AS int32,
      CASE WHEN i % 7 > 0 THEN i / 7 END AS float64, CASE WHEN i % 2 > 0 THEN i % 11 = 0 END AS boolean,
      CASE WHEN i % 13 > 0 THEN repeat('é', CAST(i % 20 AS INTEGER)) END AS string,
      CASE WHEN i % 17 > 0 THEN CAST(i AS DECIMAL(9, 2)) END AS decimal
      FROM range(200000) AS r(i) ORDER BY i`;
    const columns = [
      nullable("int64", "int64"),
      nullable("int32", "int32"),
      nullable("float64", "float64"),
      nullable("boolean", "boolean"),
      nullable("string", "string"),
      nullable("decimal", "decimal", { precision: 9, scale: 2 }),
    ];
    const plan = { op: "sql", query, inputs: {}, columns } as const;
    const rows = await rowsOf(engine, plan);
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(compile(plan, duckdb));
    const expected = reader.getRowsJson().map(([int64, int32, float64, boolean, string, decimal]) => {
      return [
        int64 === null ? null : BigInt(String(int64)),
        int32,
        float64,
        boolean,
        string,
        decimal === null ? null : BigInt(String(decimal).replace(".", "")),
      ];
    });
    connection.closeSync();
    instance.closeSync();
    expect(rows.length).toBe(200_000);
    expect(rows).toStrictEqual(expected);
  });

  it("have at most 65,536 rows, and fewer where the text is long", async () => {
    const sizes = async (query: string): Promise<number[]> => {
      const batches = [];
      for await (const batch of engine.run({ op: "sql", query, inputs: {}, columns: [nullable("s", "string")] }))
        batches.push(batch.numRows);
      return batches;
    };
    expect(await sizes("SELECT CAST(i AS VARCHAR) AS s FROM range(150000) AS r(i)")).toEqual([65_536, 65_536, 18_928]);
    const long = await sizes("SELECT repeat('x', 20000) AS s FROM range(10000) AS r(i)");
    expect(long.length).toBeGreaterThan(2);
    expect(long.reduce((sum, rows) => sum + rows, 0)).toBe(10_000);
  });

  it("flatten constants and dictionaries", async () => {
    const query =
      "SELECT 'the same long text' AS constant, c AS dictionary FROM (SELECT unnest(['a long dictionary word', NULL, 'b']) AS c), range(3) ORDER BY c";
    const rows = await rowsOf(engine, {
      op: "sql",
      query,
      inputs: {},
      columns: [nullable("constant", "string"), nullable("dictionary", "string")],
    });
    expect(rows.map(([constant]) => constant)).toEqual(Array(9).fill("the same long text"));
    expect(rows.map(([, word]) => word)).toEqual([...Array(3).fill("a long dictionary word"), ...Array(3).fill("b"), null, null, null]);
  });
});
