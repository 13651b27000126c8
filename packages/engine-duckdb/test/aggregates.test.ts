import { type Aggregate, type AggregateFunction, aggregateFunctions, type Expression, type Plan } from "@mlforge/spec";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { DuckDBEngine } from "../src/index.js";
import { type Cell, onlyValue, rowsOf } from "./arrow-rows.js";
import { aggregateOf, column, nullable, table } from "./plans.js";

const engine = new DuckDBEngine({ threads: 2 });
afterAll(() => engine[Symbol.asyncDispose]());

const columns = [
  nullable("group", "string"),
  nullable("i", "int32"),
  nullable("f", "float64"),
  nullable("b", "boolean"),
  nullable("at", "int32"),
] as const;

interface Row {
  readonly group: string | null;
  readonly i: number | null;
  readonly f: number | null;
  readonly b: boolean | null;
  readonly at: number | null;
}

const small = fc.integer({ min: -5, max: 5 });
const row: fc.Arbitrary<Row> = fc.record({
  group: fc.option(fc.constantFrom("a", "b")),
  i: fc.option(fc.oneof(small, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }))),
  f: fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0)),
  b: fc.option(fc.boolean()),
  at: fc.option(small),
});

function relation(rows: readonly Row[]): Plan {
  const text = (value: string | number | boolean | null): string | null => (value === null ? null : String(value));
  return table(
    columns,
    rows.map(({ group, i, f, b, at }) => [group, i, f, b, at].map(text)),
  );
}

const present = <T>(values: readonly (T | null)[]): T[] => values.filter((value): value is T => value !== null);

/** Type 7 of Hyndman and Fan (1996). */
function quantile(values: readonly number[], fraction: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * fraction;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  return below === undefined || above === undefined ? null : below + (above - below) * (position - Math.floor(position));
}

function variance(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

/** The `i` of the row with the least `at`, then the least `i`; with `sign` -1 the greatest. */
function first(rows: readonly Row[], sign: 1 | -1): number | null {
  const pairs = rows.flatMap(({ at, i }) => (at === null || i === null ? [] : [{ at, i }]));
  return pairs.sort((a, b) => sign * (a.at - b.at || a.i - b.i))[0]?.i ?? null;
}

const root = (value: number | null): number | null => (value === null ? null : Math.sqrt(value));
const ints = (rows: readonly Row[]): number[] => present(rows.map(({ i }) => i));
const floats = (rows: readonly Row[]): number[] => present(rows.map(({ f }) => f));
const flags = (rows: readonly Row[]): boolean[] => present(rows.map(({ b }) => b));

/** Those that make lists are compared with an oracle of their own, in the tests of `core`. */
const listAggregates = ["collect", "topK", "mode", "histogram", "approxCountDistinct"] as const;
type ListAggregate = (typeof listAggregates)[number];

/** Each aggregate, and what it is by plain JavaScript. */
const oracles: Readonly<Record<Exclude<AggregateFunction, ListAggregate>, readonly [Aggregate, (rows: readonly Row[]) => Cell]>> = {
  count: [{ function: "count", input: column("i") }, (rows) => BigInt(ints(rows).length)],
  countDistinct: [{ function: "countDistinct", input: column("at") }, (rows) => BigInt(new Set(present(rows.map(({ at }) => at))).size)],
  sum: [
    { function: "sum", input: column("i") },
    (rows) => (ints(rows).length === 0 ? null : ints(rows).reduce((sum, i) => sum + BigInt(i), 0n)),
  ],
  mean: [
    { function: "mean", input: column("f") },
    (rows) => (floats(rows).length === 0 ? null : floats(rows).reduce((a, b) => a + b, 0) / floats(rows).length),
  ],
  min: [{ function: "min", input: column("i") }, (rows) => (ints(rows).length === 0 ? null : Math.min(...ints(rows)))],
  max: [{ function: "max", input: column("i") }, (rows) => (ints(rows).length === 0 ? null : Math.max(...ints(rows)))],
  std: [{ function: "std", input: column("f") }, (rows) => root(variance(floats(rows)))],
  var: [{ function: "var", input: column("f") }, (rows) => variance(floats(rows))],
  median: [{ function: "median", input: column("i") }, (rows) => quantile(ints(rows), 0.5)],
  quantile: [{ function: "quantile", input: column("f"), quantile: 0.9 }, (rows) => quantile(floats(rows), 0.9)],
  first: [{ function: "first", input: column("i"), by: column("at") }, (rows) => first(rows, 1)],
  last: [{ function: "last", input: column("i"), by: column("at") }, (rows) => first(rows, -1)],
  any: [{ function: "any", input: column("b") }, (rows) => (flags(rows).length === 0 ? null : flags(rows).includes(true))],
  every: [{ function: "every", input: column("b") }, (rows) => (flags(rows).length === 0 ? null : !flags(rows).includes(false))],
};

function close(found: Cell | undefined, expected: Cell): boolean {
  if (typeof found !== "number" || typeof expected !== "number") return found === expected;
  return Math.abs(found - expected) <= 1e-9 * Math.max(1, Math.abs(expected), 1e6);
}

describe("an aggregate", () => {
  it("is tested, each of them", () => {
    expect(new Set([...Object.keys(oracles), ...listAggregates])).toEqual(new Set(aggregateFunctions));
  });

  it.each(Object.entries(oracles))("%s of each group is what plain JavaScript computes", async (_, [aggregate, oracle]) => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 25 }), async (rows) => {
        const plan: Plan = { op: "aggregate", input: relation(rows), keys: ["group"], aggregates: [{ name: "value", value: aggregate }] };
        const found = new Map((await rowsOf(engine, plan)).map(([group, value]) => [group, value]));
        const groups = new Set(rows.map(({ group }) => group));
        expect(new Set(found.keys())).toEqual(groups);
        for (const group of groups) {
          const expected = oracle(rows.filter((candidate) => candidate.group === group));
          expect(found.get(group), `group ${group}`).toSatisfy((value: Cell | undefined) => close(value, expected));
        }
      }),
      { numRuns: 40 },
    );
  });

  it("count without input counts rows, also none", async () => {
    const count = { function: "count" } as const;
    expect(await onlyValue(engine, aggregateOf(table([nullable("x", "int32")], [[null], ["1"]]), count))).toBe(2n);
    expect(await onlyValue(engine, aggregateOf(table([nullable("x", "int32")], []), count))).toBe(0n);
  });

  it.each<[AggregateFunction, Plan, Cell]>([
    ["sum", table([nullable("x", "decimal", { precision: 10, scale: 2 })], [["1.25"], ["2.50"], [null]]), 375n],
    ["sum", table([nullable("x", "int64")], [["9007199254740993"], ["1"]]), 9_007_199_254_740_994n],
    ["sum", table([nullable("x", "float32")], [["0.5"], ["0.25"]]), 0.75],
    ["mean", table([nullable("x", "int32")], [["1"], ["2"]]), 1.5],
    ["mean", table([nullable("x", "decimal", { precision: 10, scale: 2 })], [["1.25"], ["2.50"]]), 1.875],
    ["median", table([nullable("x", "decimal", { precision: 10, scale: 1 })], [["1.0"], ["2.5"]]), 1.75],
    ["median", table([nullable("x", "float32")], [["1"], ["2"]]), 1.5],
    ["min", table([nullable("x", "string")], [["é"], ["z"], ["Z"]]), "Z"],
    ["max", table([nullable("x", "string")], [["é"], ["z"], ["Z"]]), "é"],
    ["max", table([nullable("x", "float64")], [["1"], ["NaN"], ["Infinity"]]), Number.NaN],
    ["min", table([nullable("x", "boolean")], [["true"], ["false"]]), false],
    ["max", table([nullable("x", "bytes")], [["AA=="], ["AQ=="]]), "01"],
    ["min", table([nullable("x", "timestamp")], [["1969-12-31T23:59:59.999999Z"], [null]]), -1n],
    ["countDistinct", table([nullable("x", "float64")], [["NaN"], ["NaN"], ["0"], ["-0"]]), 2n],
  ])("%s of %j is exact", async (name, input, expected) => {
    expect(await onlyValue(engine, aggregateOf(input, { function: name, input: column("x") }))).toStrictEqual(expected);
  });

  it("sum of integers beyond int64 is an overflow", async () => {
    const input = table([nullable("x", "int64")], [["9223372036854775807"], ["1"]]);
    await expect(onlyValue(engine, aggregateOf(input, { function: "sum", input: column("x") }))).rejects.toMatchObject({
      code: "ARITHMETIC_OVERFLOW",
    });
  });

  it("sum of decimals beyond 38 digits is an overflow", async () => {
    const input = table([nullable("x", "decimal", { precision: 38, scale: 0 })], [["6".padEnd(38, "0")], ["6".padEnd(38, "0")]]);
    await expect(onlyValue(engine, aggregateOf(input, { function: "sum", input: column("x") }))).rejects.toMatchObject({
      code: "ARITHMETIC_OVERFLOW",
    });
  });

  it("first takes an input of every kind", async () => {
    const inputs: readonly [Plan, Cell][] = [
      [
        table(
          [nullable("at", "timestamp"), nullable("x", "string")],
          [
            ["2020-01-01T00:00:00.000000Z", "b"],
            ["2020-01-01T00:00:00.000000Z", "a"],
          ],
        ),
        "a",
      ],
      [
        table(
          [nullable("at", "string"), nullable("x", "date")],
          [
            ["b", "2020-01-02"],
            ["a", "2020-01-03"],
          ],
        ),
        18_264,
      ],
      [
        table(
          [nullable("at", "float64"), nullable("x", "bytes")],
          [
            ["NaN", "AA=="],
            ["1", "AQ=="],
          ],
        ),
        "01",
      ],
    ];
    for (const [input, expected] of inputs) {
      const plan = aggregateOf(input, { function: "first", input: column("x"), by: column("at") });
      expect(await onlyValue(engine, plan)).toEqual(expected);
    }
  });

  it("takes an expression", async () => {
    const doubled: Expression = { expr: "call", function: "add", arguments: [column("x"), column("x")] };
    const input = table([nullable("x", "int32")], [["2147483647"], [null]]);
    expect(await onlyValue(engine, aggregateOf(input, { function: "max", input: doubled }))).toBe(4_294_967_294n);
  });
});
