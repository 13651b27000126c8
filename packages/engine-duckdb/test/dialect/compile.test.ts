import type { Plan } from "@mlforge/spec";
import { compile } from "@mlforge/sql";
import { describe, expect, it } from "vitest";
import { duckdb } from "../../src/dialect/duckdb.js";

const flights: Plan = {
  op: "scan",
  source: "flights",
  format: { kind: "parquet" },
  paths: ["/data/flight's.parquet"],
  trusted: true,
  columns: [
    { name: "origin", kind: "string", nullable: false },
    { name: "delay", kind: "int32", nullable: true },
  ],
};

describe("compile", () => {
  it("nests one SELECT in another, in the order of the plan", () => {
    const late: Plan = {
      op: "filter",
      input: flights,
      condition: {
        expr: "call",
        function: "greater",
        arguments: [
          { expr: "column", name: "delay" },
          { expr: "literal", kind: "int64", value: "15" },
        ],
      },
    };
    const plan: Plan = {
      op: "sort",
      by: ["origin"],
      input: { op: "aggregate", input: late, keys: ["origin"], aggregates: [{ name: "flights", value: { function: "count" } }] },
    };
    expect(compile(plan, duckdb)).toBe(
      `SELECT *
FROM (
SELECT "origin", CAST(count(*) AS BIGINT) AS "flights"
FROM (
SELECT *
FROM (
SELECT CAST("origin" AS VARCHAR) AS "origin", CAST("delay" AS INTEGER) AS "delay"
FROM (
SELECT * FROM read_parquet(['/data/flight''s.parquet'], hive_partitioning = false, can_have_nan = true)
) AS t
) AS t
WHERE (CAST("delay" AS BIGINT) > CAST('15' AS BIGINT))
) AS t
GROUP BY "origin"
) AS t
ORDER BY "origin" ASC NULLS LAST`,
    );
  });

  it("puts a query where only one SELECT can stand", () => {
    const plan: Plan = { op: "sql", query: "SELECT 1 AS n -- one", inputs: {}, columns: [{ name: "n", kind: "int64", nullable: false }] };
    expect(compile(plan, duckdb)).toBe('SELECT CAST("n" AS BIGINT) AS "n"\nFROM (\nSELECT 1 AS n -- one\n) AS t');
  });

  it.each([
    ["a limit that is no count of rows", { op: "limit", input: flights, count: 1.5 }],
    ["a timestamp that is not in UTC", literalPlan("2020-01-01T00:00:00+02:00")],
  ] as const)("refuses %s", (_, plan) => {
    expect(() => compile(plan, duckdb)).toThrowError(expect.objectContaining({ code: "DEFINITION_INVALID" }));
  });
});

function literalPlan(value: string): Plan {
  return { op: "project", input: flights, columns: [{ name: "at", value: { expr: "literal", kind: "timestamp", value } }] };
}
