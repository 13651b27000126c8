import type {
  AggregateCall,
  AggregateFunction,
  Conditional,
  Expression,
  KeyViolations,
  Plan,
  ScalarFunction,
  ScalarKind,
  Schema,
} from "@mlforge/spec";
import { describeWith, type Postgres, startPostgres } from "@mlforge/test-servers";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { duckdb } from "../../engine-duckdb/src/dialect/duckdb.js";
import { DuckDBEngine } from "../../engine-duckdb/src/index.js";
import { type Cell, rowsOf } from "../../testkit/src/engine/arrow-rows.js";
import { momentsNear, timestampText } from "../../testkit/src/engine/moments.js";
import { call, column, literal, nullable } from "../../testkit/src/engine/plans.js";
import { compile } from "../src/index.js";
import { postgres } from "./postgres-dialect.js";
import { constants, postgresRows, type Text } from "./postgres-rows.js";

const schema: Schema = [
  nullable("k", "string"),
  nullable("i", "int32"),
  nullable("n", "int64"),
  nullable("x", "float64"),
  nullable("d", "decimal", { precision: 12, scale: 2 }),
  nullable("at", "timestamp"),
  nullable("ok", "boolean"),
];

const maybe = (text: fc.Arbitrary<string>): fc.Arbitrary<Text> => fc.option(text, { freq: 5 });
const number = (least: number, most: number): fc.Arbitrary<string> => fc.integer({ min: least, max: most }).map(String);
const row: fc.Arbitrary<readonly Text[]> = momentsNear().chain((moment) =>
  fc.tuple(
    maybe(fc.constantFrom("", "a", "A", "b'", "é", "🛫")),
    maybe(number(-3, 3)),
    maybe(fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }).map(String)),
    maybe(fc.oneof(number(-9, 9), fc.constantFrom("0.5", "-0.25", "NaN", "Infinity", "-Infinity"))),
    maybe(number(-99, 99).map((digits) => `${digits}.25`)),
    maybe(moment.map(timestampText)),
    maybe(fc.constantFrom("true", "false")),
  ),
);
const table = fc.array(row, { maxLength: 12 });

/** Calls over the columns of `schema`. */
const calls: readonly (readonly [ScalarFunction, ...(readonly Expression[])])[] = [
  ["add", column("i"), column("n")],
  ["subtract", column("d"), column("i")],
  ["multiply", column("i"), column("d")],
  ["divide", column("n"), column("i")],
  ["modulo", column("n"), column("i")],
  ["negate", column("d")],
  ["absolute", column("i")],
  ["squareRoot", column("i")],
  ["power", column("i"), literal("int32", "3")],
  ["less", column("x"), column("i")],
  ["equal", column("k"), literal("string", "b'")],
  ["greaterOrEqual", column("at"), literal("timestamp", "2000-01-01T00:00:00.000001Z")],
  ["in", column("i"), literal("int32", "1"), literal("int64", "2")],
  ["isNull", column("d")],
  ["isNaN", column("x")],
  ["and", column("ok"), call("less", column("i"), literal("int32", "0"))],
  ["or", column("ok"), call("isNull", column("k"))],
  ["not", column("ok")],
  ["coalesce", column("i"), column("n")],
  ["nullIf", column("i"), column("n")],
  ["least", column("i"), column("n")],
  ["greatest", column("x"), column("i")],
  ["concat", column("k"), literal("string", "'\"")],
  ["length", column("k")],
  ["replace", column("k"), literal("string", "b"), literal("string", "cc")],
  ["substring", column("k"), literal("int32", "1"), literal("int32", "1")],
  ["contains", column("k"), literal("string", "b")],
  ["truncate", column("at"), literal("int64", "3600000000")],
  ["year", column("at")],
  ["minute", column("at")],
  ["microsecondsBetween", column("at"), literal("timestamp", "1970-01-01T00:00:00.000000Z")],
];

const aggregates: readonly (readonly [AggregateFunction, string?])[] = [
  ["count"],
  ...["k", "i", "n", "x", "d", "at", "ok"].flatMap((name) => [["count", name] as const, ["countDistinct", name] as const]),
  ...["k", "i", "n", "x", "d", "at"].flatMap((name) => [["min", name] as const, ["max", name] as const]),
  ...["i", "n", "x", "d"].flatMap((name) => [["sum", name] as const, ["mean", name] as const]),
  ...["i", "d"].flatMap((name) => [["std", name] as const, ["median", name] as const]),
  ["any", "ok"],
  ["every", "ok"],
];

const branch = (when: Expression, then: Expression): Conditional["branches"][number] => ({ when, then });

const project = (input: Plan): Plan => ({
  op: "project",
  input,
  columns: [
    ...calls.map(([name, ...args], index) => ({ name: `${name}_${index}`, value: call(name, ...args) })),
    ...(["string", "float64", "int64"] as const).map((to: ScalarKind) => ({
      name: `cast_${to}`,
      value: { expr: "cast", value: column("i"), to: { kind: to } } as const,
    })),
    {
      name: "case",
      value: {
        expr: "case",
        branches: [branch(column("ok"), column("i"))],
        otherwise: literal("int64", "7"),
      },
    },
  ],
});

const aggregate = (input: Plan, keys: readonly string[]): Plan => ({
  op: "aggregate",
  input,
  keys,
  aggregates: aggregates.map(([name, input], index) => {
    const value: AggregateCall = input === undefined ? { function: name } : { function: name, input: column(input) };
    return { name: `${name}_${index}`, value };
  }),
});

const filter = (input: Plan): Plan => ({
  op: "filter",
  input,
  condition: call("or", column("ok"), call("greater", column("x"), literal("float64", "1"))),
});

const join = (left: Plan, right: Plan, type: "inner" | "left"): Plan => ({
  op: "join",
  left,
  right: { op: "project", input: right, columns: ["k", "i", "n", "d"].map((name, index) => ({ name: `r${index}`, value: column(name) })) },
  on: [
    { left: "k", right: "r0" },
    { left: "i", right: "r1" },
  ],
  type,
});

/** Plans over two inputs with the columns of `schema`. */
const plans: Readonly<Record<string, (a: Plan, b: Plan) => Plan>> = {
  "a filter": filter,
  "a projection": project,
  "aggregates of groups": (a) => aggregate(a, ["k", "x"]),
  "aggregates of all rows": (a) => aggregate(a, []),
  "an inner join": (a, b) => join(a, b, "inner"),
  "a left join": (a, b) => join(filter(a), b, "left"),
  "distinct rows": (a) => ({ op: "distinct", input: a }),
  "the first rows of a sort": (a) => ({ op: "limit", count: 3, input: { op: "sort", by: schema.map(({ name }) => name), input: a } }),
};

/** Compares numbers by twelve digits, because engines add them in any order. */
function inOrder(rows: readonly (readonly Cell[])[]): readonly string[] {
  return rows.map((row) => row.map((cell) => (typeof cell === "number" ? Number(cell.toPrecision(12)) + 0 : cell)).join("\0")).sort();
}

describeWith("postgres", "the SQL of a second dialect, on PostgreSQL,", () => {
  let server: Postgres;
  const engine = new DuckDBEngine({ threads: 2 });
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it.each(Object.entries(plans))("gives the rows of %s that DuckDB gives", async (_, plan) => {
    await fc.assert(
      fc.asyncProperty(table, table, async (a, b) => {
        const found = postgresRows(server, plan(constants(postgres, schema, a), constants(postgres, schema, b)));
        const wanted = await rowsOf(engine, plan(constants(duckdb, schema, a), constants(duckdb, schema, b)));
        expect(inOrder(found)).toEqual(inOrder(wanted));
      }),
      { numRuns: 15 },
    );
  });

  it.each([true, false])("finds the key violations that DuckDB finds, in the same order (sorted: %s)", async (sorted) => {
    const columns = [nullable("violation", "string"), nullable("i", "int32")];
    const key = fc.tuple(maybe(fc.constantFrom("x", "y")), maybe(number(0, 2)));
    const violations = (input: Plan): KeyViolations => {
      const keys = columns.map(({ name }) => name).slice(1);
      return { op: "keyViolations", input: { op: "sort", by: keys, input }, keys, sorted, unique: false, limit: 2 };
    };
    await fc.assert(
      fc.asyncProperty(fc.array(key, { maxLength: 12 }), async (rows) => {
        const wanted = await rowsOf(engine, violations(constants(duckdb, columns, rows)));
        expect(postgresRows(server, violations(constants(postgres, columns, rows)))).toEqual(wanted);
      }),
      { numRuns: 25 },
    );
  });

  it("is refused where the dialect lacks a function, an aggregate, or files", () => {
    const input = constants(postgres, schema, []);
    const scan: Plan = { op: "scan", source: "rows", format: { kind: "parquet" }, paths: [], columns: schema };
    const lacking: readonly (readonly [string, Plan])[] = [
      ["the function matches", { op: "filter", input, condition: call("matches", column("k"), literal("string", ".")) }],
      [
        "the aggregate topK",
        { op: "aggregate", input, keys: [], aggregates: [{ name: "v", value: { function: "topK", input: column("k"), limit: 1 } }] },
      ],
      ["scans of files", scan],
      ["numbers of rows", { op: "numberRows", input, column: "row" }],
    ];
    for (const [capability, plan] of lacking) {
      const details = { plugin: "postgres", capability };
      expect(() => compile(plan, postgres)).toThrowError(expect.objectContaining({ code: "CAPABILITY_MISSING", details }));
    }
  });
});
