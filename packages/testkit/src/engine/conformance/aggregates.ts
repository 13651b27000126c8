import { deepEqual, ok } from "node:assert/strict";
import {
  type AggregateCall,
  type AggregateFunction,
  aggregateFunctions,
  type Column,
  type ColumnKind,
  type Expression,
  type Plan,
} from "@mlforge/spec";
import * as fc from "fast-check";
import { rejects } from "../../store/conformance/expect.js";
import type { Cell } from "../arrow-rows.js";
import type { Claims } from "../claims.js";
import { aggregateOf, column, nullable, type Text, table } from "../plans.js";
import type { EngineLaw } from "../runner.js";

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

/** Computes type 7 of Hyndman and Fan (1996). */
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

/** Returns the `i` of the row with the least `at`, then the least `i`. With `sign` -1, the greatest. */
function first(rows: readonly Row[], sign: 1 | -1): number | null {
  const pairs = rows.flatMap(({ at, i }) => (at === null || i === null ? [] : [{ at, i }]));
  return pairs.sort((a, b) => sign * (a.at - b.at || a.i - b.i))[0]?.i ?? null;
}

const root = (value: number | null): number | null => (value === null ? null : Math.sqrt(value));
const ints = (rows: readonly Row[]): number[] => present(rows.map(({ i }) => i));
const floats = (rows: readonly Row[]): number[] => present(rows.map(({ f }) => f));
const flags = (rows: readonly Row[]): boolean[] => present(rows.map(({ b }) => b));

/** Aggregates that make or need lists have laws of their own. */
const listAggregates = ["collect", "topK", "mode", "histogram", "approxCountDistinct"] as const;
type ListAggregate = (typeof listAggregates)[number];

/** Each aggregate, and plain JavaScript that computes the same. */
const oracles: Readonly<Record<Exclude<AggregateFunction, ListAggregate>, readonly [AggregateCall, (rows: readonly Row[]) => Cell]>> = {
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

/** Values of one column, and the value of an aggregate over them. */
const exact: readonly (readonly [
  name: AggregateFunction,
  kind: ColumnKind,
  details: Partial<Column>,
  values: readonly Text[],
  expected: Cell,
])[] = [
  ["sum", "decimal", { precision: 10, scale: 2 }, ["1.25", "2.50", null], 375n],
  ["sum", "int64", {}, ["9007199254740993", "1"], 9_007_199_254_740_994n],
  ["sum", "float32", {}, ["0.5", "0.25"], 0.75],
  ["mean", "int32", {}, ["1", "2"], 1.5],
  ["mean", "decimal", { precision: 10, scale: 2 }, ["1.25", "2.50"], 1.875],
  ["median", "decimal", { precision: 10, scale: 1 }, ["1.0", "2.5"], 1.75],
  ["median", "float32", {}, ["1", "2"], 1.5],
  ["min", "string", {}, ["é", "z", "Z"], "Z"],
  ["max", "string", {}, ["é", "z", "Z"], "é"],
  ["max", "float64", {}, ["1", "NaN", "Infinity"], Number.NaN],
  ["min", "boolean", {}, ["true", "false"], false],
  ["max", "bytes", {}, ["AA==", "AQ=="], "01"],
  ["min", "timestamp", {}, ["1969-12-31T23:59:59.999999Z", null], -1n],
  ["countDistinct", "float64", {}, ["NaN", "NaN", "0", "-0"], 2n],
];

/** Rows of which `first` takes one. */
const ordered: readonly (readonly [by: ColumnKind, kind: ColumnKind, rows: readonly (readonly Text[])[], expected: Cell])[] = [
  [
    "timestamp",
    "string",
    [
      ["2020-01-01T00:00:00.000000Z", "b"],
      ["2020-01-01T00:00:00.000000Z", "a"],
    ],
    "a",
  ],
  [
    "string",
    "date",
    [
      ["b", "2020-01-02"],
      ["a", "2020-01-03"],
    ],
    18_264,
  ],
  [
    "float64",
    "bytes",
    [
      ["NaN", "AA=="],
      ["1", "AQ=="],
    ],
    "01",
  ],
];

const operations = ["aggregate"] as const;

export function aggregateLaws(law: EngineLaw, claims: Claims): void {
  const tested = new Set([...Object.keys(oracles), ...listAggregates]);
  const untested = aggregateFunctions.filter((name) => !tested.has(name));
  if (untested.length > 0) throw new TypeError(`the suite has no oracle of ${untested.join(", ")}`);

  for (const [aggregate, oracle] of Object.values(oracles)) {
    const { function: name } = aggregate;
    const needs = { operations, aggregates: [name], kinds: columns.map(({ kind }) => kind) };
    law(`${name} of each group is what plain JavaScript computes`, needs, async (tools) => {
      await fc.assert(
        fc.asyncProperty(fc.array(row, { maxLength: 25 }), async (rows) => {
          const plan: Plan = { op: "aggregate", input: relation(rows), keys: ["group"], aggregates: [{ name: "value", value: aggregate }] };
          const found = new Map((await tools.rows(plan)).map(([group, value]) => [group, value]));
          const groups = new Set(rows.map(({ group }) => group));
          deepEqual(new Set(found.keys()), groups);
          for (const group of groups) {
            const expected = oracle(rows.filter((candidate) => candidate.group === group));
            ok(close(found.get(group), expected), `${name} of group ${group} is ${found.get(group)}, not ${expected}`);
          }
        }),
        { numRuns: 40 },
      );
    });
    const examples = exact.filter(([each, kind]) => each === name && claims({ kinds: [kind] }));
    if (examples.length === 0) continue;
    law(`${name} is exact for every kind`, { operations, aggregates: [name] }, async ({ only }) => {
      for (const [, kind, details, values, expected] of examples) {
        const input = table(
          [nullable("x", kind, details)],
          values.map((each) => [each]),
        );
        const found = await only(aggregateOf(input, { function: name, input: column("x") }));
        deepEqual({ kind, values, found }, { kind, values, found: expected });
      }
    });
  }

  law("count without input counts rows, even if there are none", { operations, aggregates: ["count"] }, async ({ only }) => {
    const count = { function: "count" } as const;
    deepEqual(await only(aggregateOf(table([nullable("x", "int64")], [[null], ["1"]]), count)), 2n);
    deepEqual(await only(aggregateOf(table([nullable("x", "int64")], []), count)), 0n);
  });

  law("sum of integers beyond int64 is an overflow", { operations, aggregates: ["sum"] }, async ({ only }) => {
    const input = table([nullable("x", "int64")], [["9223372036854775807"], ["1"]]);
    await rejects(only(aggregateOf(input, { function: "sum", input: column("x") })), "ARITHMETIC_OVERFLOW", "the sum");
  });

  law("sum of decimals beyond 38 digits is an overflow", { operations, aggregates: ["sum"], kinds: ["decimal"] }, async ({ only }) => {
    const input = table([nullable("x", "decimal", { precision: 38, scale: 0 })], [["6".padEnd(38, "0")], ["6".padEnd(38, "0")]]);
    await rejects(only(aggregateOf(input, { function: "sum", input: column("x") })), "ARITHMETIC_OVERFLOW", "the sum");
  });

  law(
    "first takes the input of the least row, and the least input of equal rows",
    { operations, aggregates: ["first"] },
    async ({ only }) => {
      for (const [by, kind, rows, expected] of ordered) {
        if (!claims({ kinds: [by, kind] })) continue;
        const input = table([nullable("at", by), nullable("x", kind)], rows);
        deepEqual(await only(aggregateOf(input, { function: "first", input: column("x"), by: column("at") })), expected);
      }
    },
  );

  const doubling = { operations, aggregates: ["max"], functions: ["add"], kinds: ["int32"] } as const;
  law("an aggregate takes an expression", doubling, async ({ only }) => {
    const doubled: Expression = { expr: "call", function: "add", arguments: [column("x"), column("x")] };
    const input = table([nullable("x", "int32")], [["2147483647"], [null]]);
    deepEqual(await only(aggregateOf(input, { function: "max", input: doubled })), 4_294_967_294n);
  });
}
