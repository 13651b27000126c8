import { DuckDBInstance } from "@duckdb/node-api";
import type { AsOfJoin, Plan, Schema } from "@mlforge/spec";
import { compile } from "@mlforge/sql";
import { afterAll, describe, expect, it } from "vitest";
import { nullable, type Text, table } from "../../testkit/src/engine/plans.js";
import { timestampText } from "../../testkit/src/engine/timestamps.js";
import { duckdb } from "../src/dialect/duckdb.js";
import { DuckDBEngine } from "../src/index.js";

const engine = new DuckDBEngine({ threads: 2 });
afterAll(() => engine[Symbol.asyncDispose]());

const labels: Schema = [nullable("k", "string"), nullable("at", "timestamp")];
const features: Schema = [nullable("k", "string"), nullable("at", "timestamp"), nullable("v", "int64")];

function known(left: Plan, right: Plan, options: Partial<AsOfJoin> = {}): Plan {
  const input: AsOfJoin = {
    op: "asOfJoin",
    left: { op: "numberRows", input: left, column: "row" },
    right,
    on: [{ left: "k", right: "k" }],
    timestamps: { left: "at", right: "at" },
    allowExactMatches: true,
    columns: [{ name: "v", as: "v" }],
    ...options,
  };
  return { op: "sort", by: ["row"], input };
}

/** DuckDB has one way to join fewer than 64 labels, and another for more. */
const counts = [3, 300];
const many = (count: number, row: readonly Text[]): Text[][] => Array.from({ length: count }, () => [...row]);

describe("an as-of join", () => {
  it("is joined by DuckDB in two ways, which the counts above tell apart", async () => {
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const uses = await Promise.all(
      counts.map(async (count) => {
        const plan = known(table(labels, many(count, ["a", timestampText(0n)])), table(features, [["a", timestampText(0n), "1"]]));
        const reader = await connection.runAndReadAll(`EXPLAIN ${compile(plan, duckdb)}`);
        return JSON.stringify(reader.getRowsJson()).includes("ASOF_JOIN");
      }),
    );
    connection.closeSync();
    instance.closeSync();
    expect(uses).toEqual([false, true]);
  });
});
