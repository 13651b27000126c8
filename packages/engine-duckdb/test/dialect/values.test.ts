import type { Column, Plan, Values } from "@mlforge/spec";
import { afterAll, describe, expect, it } from "vitest";
import { type Cell, rowsOf } from "../../../testkit/src/engine/arrow-rows.js";
import { DuckDBEngine } from "../../src/index.js";

const engine = new DuckDBEngine({ threads: 2 });
afterAll(() => engine[Symbol.asyncDispose]());

function table(type: Column, cells: readonly (string | null)[]): Values {
  return { op: "values", columns: [{ ...type, name: "x" }], rows: cells.map((cell) => [cell]) };
}

const nullable = { nullable: true } as const;
const int64 = { kind: "int64", ...nullable } as const;

describe("values", () => {
  it.each<[Column, readonly string[], readonly Cell[]]>([
    [{ kind: "string", ...nullable }, ["", "it's", "a\0b", "null"], ["", "it's", "a\0b", "null"]],
    [{ kind: "boolean", ...nullable }, ["true", "false"], [true, false]],
    [{ kind: "int32", ...nullable }, ["-2147483648"], [-2_147_483_648]],
    [int64, ["9223372036854775807"], [9_223_372_036_854_775_807n]],
    [{ kind: "float32", ...nullable }, ["0.5", "-Infinity"], [0.5, Number.NEGATIVE_INFINITY]],
    [{ kind: "float64", ...nullable }, ["NaN", "-0", "5e-324", "1e+21"], [Number.NaN, -0, 5e-324, 1e21]],
    [
      { kind: "decimal", precision: 38, scale: 2, ...nullable },
      ["1", "1.5", "-123456789012345678901234567890.12"],
      [100n, 150n, -12345678901234567890123456789012n],
    ],
    [{ kind: "timestamp", ...nullable }, ["1969-12-31T23:59:59.999999Z"], [-1n]],
    [{ kind: "date", ...nullable }, ["1970-01-02"], [1]],
    [{ kind: "bytes", ...nullable }, ["AQI="], ["0102"]],
    [{ kind: "time", ...nullable }, ["00:00:00.000001"], [1n]],
    [{ kind: "json", ...nullable }, ['{"a": 1.50}'], ['{"a": 1.50}']],
    [{ kind: "list", of: int64, ...nullable }, ["[9007199254740993,null]", "[]"], ['["9007199254740993n",null]', "[]"]],
    [{ kind: "vector", length: 2, element: "float64", ...nullable }, ["[0.5,1]"], ["[0.5,1]"]],
    [{ kind: "struct", fields: [{ name: "a", ...int64 }], ...nullable }, ['{"a":7}'], ['{"a":"7n"}']],
  ])("of %j are exact, and null is null", async (type, cells, expected) => {
    const plan = table(type, [...cells, null]);
    expect(await rowsOf(engine, plan)).toEqual([...expected.map((cell) => [cell]), [null]]);
    const { columns } = await engine.describe(plan);
    expect(columns).toEqual(plan.columns);
    expect(await rowsOf(engine, { ...plan, rows: [] })).toEqual([]);
    expect((await engine.describe({ ...plan, rows: [] })).columns).toEqual(plan.columns);
  });

  it.each<[Column, string]>([
    [int64, "1.5"],
    [int64, "1_000"],
    [{ kind: "decimal", precision: 9, scale: 2, ...nullable }, "1.005"],
    [{ kind: "float64", ...nullable }, "nan"],
    [{ kind: "boolean", ...nullable }, "t"],
    [{ kind: "timestamp", ...nullable }, "2024-01-01T00:00:00Z"],
    [{ kind: "date", ...nullable }, "2024-01-01x"],
  ])("of %j refuse %j, which is not in the text form of the kind", async (type, cell) => {
    await expect(rowsOf(engine, table(type, [null, cell]))).rejects.toMatchObject({
      code: "DEFINITION_INVALID",
      message: expect.stringContaining(JSON.stringify(cell)),
    });
  });

  it.each<[Values, string]>([
    [{ op: "values", columns: [], rows: [] }, "at least one column"],
    [{ op: "values", columns: [{ name: "x", ...int64 }], rows: [["1"], []] }, "row 1 of values has 0 cells"],
    [{ op: "values", columns: [{ name: "x", kind: "int64", nullable: false }], rows: [[null]] }, "not nullable"],
    [
      {
        op: "values",
        columns: [
          { name: "x", ...int64 },
          { name: "x", ...int64 },
        ],
        rows: [],
      },
      'two columns named "x"',
    ],
  ])("%j is refused", async (plan, message) => {
    await expect(engine.describe(plan)).rejects.toMatchObject({ code: "DEFINITION_INVALID", message: expect.stringContaining(message) });
  });

  it("are numbered in their order", async () => {
    const cells = Array.from({ length: 3000 }, (_, index) => String(index));
    const plan: Plan = { op: "numberRows", input: table(int64, cells), column: "row" };
    const rows = await rowsOf(engine, plan);
    expect(rows).toHaveLength(3000);
    expect(rows.filter(([x, row]) => x !== row)).toEqual([]);
  });
});
