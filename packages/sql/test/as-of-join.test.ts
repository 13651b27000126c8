import { type AsOfJoin, type Plan, type Schema, schemaOf } from "@mlforge/spec";
import { describeWith, type Postgres, startPostgres } from "@mlforge/test-servers";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { duckdb } from "../../engine-duckdb/src/dialect/duckdb.js";
import { DuckDBEngine } from "../../engine-duckdb/src/index.js";
import { type Cell, rowsOf } from "../../testkit/src/engine/arrow-rows.js";
import { type Case, casesOf, rules } from "../../testkit/src/engine/as-of-cases.js";
import { type AsOfRules, knownTo, type Label } from "../../testkit/src/engine/as-of-oracle.js";
import { timestampText } from "../../testkit/src/engine/moments.js";
import { nullable } from "../../testkit/src/engine/plans.js";
import { standardAsOfJoin } from "../src/as-of-join.js";
import { compile, type Dialect } from "../src/index.js";
import { postgres } from "./postgres-dialect.js";
import { constants, postgresRows, type Text } from "./postgres-rows.js";

const keys: Schema = [
  nullable("case", "int32"),
  nullable("a", "string"),
  nullable("b", "string"),
  nullable("f", "float64"),
  nullable("n", "int64"),
];
// Columns whose names the query uses itself.
const labelSchema: Schema = [...keys, nullable("ts", "timestamp"), nullable("newest", "int64")];
const rowSchema: Schema = [
  ...keys,
  nullable("known", "timestamp"),
  nullable("i", "int64"),
  nullable("x", "float64"),
  nullable("s", "string"),
];

function textOf(value: string | number | bigint | boolean | null): Text {
  if (value === null) return null;
  return Object.is(value, -0) ? "-0" : String(value);
}

function headOf(index: number, { key, at }: Label): Text[] {
  return [String(index), ...key.map(textOf), at === null ? null : timestampText(at)];
}

/** PostgreSQL has no NUL in a text, and psql prints no noncharacters. */
function withoutNul(cases: readonly Case[]): readonly Case[] {
  const clean = (value: Cell): Cell => (typeof value === "string" ? value.replaceAll(/\0|\p{Noncharacter_Code_Point}/gu, "") : value);
  return cases.map(({ labels, rows }) => ({ labels, rows: rows.map((row) => ({ ...row, values: row.values.map(clean) })) }));
}

function joined(dialect: Dialect, cases: readonly Case[], { allowExactMatches, ttl }: AsOfRules): AsOfJoin {
  let row = 0;
  const labels = cases.flatMap(({ labels }, index) => labels.map((label) => [...headOf(index, label), String(row++)]));
  const rows = cases.flatMap(({ rows }, index) => rows.map((row) => [...headOf(index, row), ...row.values.map(textOf)]));
  return {
    op: "asOfJoin",
    left: constants(dialect, labelSchema, labels),
    right: constants(dialect, rowSchema, rows),
    on: keys.map(({ name }) => ({ left: name, right: name })),
    timestamps: { left: "ts", right: "known" },
    allowExactMatches,
    ttl: ttl === undefined ? undefined : String(ttl),
    columns: ["i", "x", "s"].map((name) => ({ name, as: `feature_${name}` })),
  };
}

const plain = (cell: Cell): Cell => (cell === 0 ? 0 : cell);

function wanted(cases: readonly Case[], rules: AsOfRules): readonly (readonly Cell[])[] {
  const labels = cases.flatMap(({ labels, rows }, index) =>
    labels.map((label) => ({ head: [index, ...label.key, label.at], values: knownTo(label, rows, rules)?.values ?? [null, null, null] })),
  );
  return labels.map(({ head, values }, row) => [...head, BigInt(row), ...values].map(plain));
}

function inOrder(rows: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] {
  return rows.map((row) => row.map(plain)).sort((a, b) => Number(a[keys.length + 1]) - Number(b[keys.length + 1]));
}

const inTime = { interruptAfterTimeLimit: 40_000, markInterruptAsFailure: true };

describeWith("postgres", "an as-of join on PostgreSQL", () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it("gives every label once, with what it may know", async () => {
    await fc.assert(
      fc.property(casesOf(30), rules, (generated, rules) => {
        const cases = withoutNul(generated);
        expect(inOrder(postgresRows(server, joined(postgres, cases, rules)))).toEqual(wanted(cases, rules));
      }),
      { numRuns: 25, ...inTime },
    );
  });

  it("on no columns is over all rows", () => {
    const times = [nullable("at", "timestamp")];
    const rows = constants(
      postgres,
      [nullable("k", "timestamp"), nullable("v", "int32")],
      [3n, 1n, 2n].map((at) => [timestampText(at), String(at)]),
    );
    const left = constants(postgres, times, [[timestampText(2n)], [timestampText(0n)], [null]]);
    const plan: Plan = {
      op: "asOfJoin",
      left,
      right: rows,
      on: [],
      timestamps: { left: "at", right: "k" },
      allowExactMatches: false,
      columns: [{ name: "v", as: "v" }],
    };
    const found = postgresRows(server, { op: "sort", by: ["at"], input: plan });
    expect(found).toEqual([
      [0n, null],
      [2n, 1],
      [null, null],
    ]);
  });
});

describe("the as-of join in standard SQL", () => {
  const engine = new DuckDBEngine({ threads: 2 });
  afterAll(() => engine[Symbol.asyncDispose]());
  const standard: Dialect = { ...duckdb, asOfJoin: (plan, left, right) => standardAsOfJoin(plan, left, right, standard) };

  it("gives on DuckDB what its own join gives", async () => {
    await fc.assert(
      fc.asyncProperty(casesOf(30), rules, async (cases, rules) => {
        const plan = joined(duckdb, cases, rules);
        const query = compile(plan, standard);
        expect(query).not.toContain("ASOF");
        const found = await rowsOf(engine, { op: "sql", query, inputs: {}, columns: schemaOf(plan) });
        expect(inOrder(found)).toEqual(inOrder(await rowsOf(engine, plan)));
      }),
      { numRuns: 20, ...inTime },
    );
  });
});
