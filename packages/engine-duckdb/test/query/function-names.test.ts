import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outsideFunctions, tableFunctions, volatileColumns, volatileFunctions } from "../../src/query/function-names.js";
import { readStatement } from "../../src/query/statement.js";
import { knownFunctions } from "./known-functions.js";

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create();
  connection = await instance.connect();
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

async function texts(query: string): Promise<readonly (readonly string[])[]> {
  return (await connection.runAndReadAll(query)).getRowsJson().map((row) => row.map(String));
}

/** DuckDB calls these inconsistent, but in a database without tables they are constants, and error() gives nothing. */
const constant = ["current_database", "current_schema", "current_schemas", "error", "in_search_path"];

const isListed = (name: string): boolean => volatileFunctions.has(name) || outsideFunctions.has(name);

describe("the functions that a query must not call", () => {
  it("are all that DuckDB reports as inconsistent", async () => {
    const rows = await texts("SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability <> 'CONSISTENT' OR has_side_effects");
    const names = rows.flat();
    expect(names).toContain("random");
    expect(names.filter((name) => !isListed(name)).sort()).toEqual(constant);
  });

  it("are also the macros that call them, or read a table", async () => {
    const macros = await texts("SELECT DISTINCT function_name, macro_definition FROM duckdb_functions() WHERE function_type = 'macro'");
    expect(macros.length).toBeGreaterThan(100);
    const wrong = new Set<string>();
    for (let before = -1; before < wrong.size; ) {
      before = wrong.size;
      for (const [name = "", definition = ""] of macros) {
        const [[tree = ""] = []] = await texts(`SELECT json_serialize_sql('SELECT ${definition.replaceAll("'", "''")}')`);
        const { tables, tableFunctions: called, functions, columns } = readStatement(tree);
        const calls = functions.some((each) => isListed(each.name) || wrong.has(each.name));
        const outside = tables.length > 0 || called.some((each) => !tableFunctions.has(each));
        if (calls || outside || columns.some((column) => volatileColumns.has(column))) wrong.add(name);
      }
    }
    expect(wrong).toContain("ago");
    expect([...wrong].filter((name) => !isListed(name)).sort()).toEqual([]);
  });

  it("were chosen from all functions of this version of DuckDB", async () => {
    const all = await texts(
      "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type <> 'pragma' AND NOT starts_with(function_name, 'icu_collate_')",
    );
    expect(all.flat().filter((name) => !knownFunctions.has(name))).toEqual([]);
  });

  it("leave out approx_count_distinct, which gives one estimate for the same values in any order and with any threads", async () => {
    const query = (order: string): string =>
      `SELECT g, approx_count_distinct(k) FROM (SELECT hash(i) % 100000 AS k, i % 5 AS g FROM range(300000) AS r(i) ORDER BY ${order}) GROUP BY g ORDER BY g`;
    const estimates: unknown[] = [];
    for (const threads of [1, 4]) {
      await connection.run(`SET threads = ${threads}`);
      for (const order of ["i", "hash(i + 1)"]) estimates.push(await texts(query(order)));
    }
    expect(new Set(estimates.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(volatileFunctions).not.toContain("approx_count_distinct");
  });
});
