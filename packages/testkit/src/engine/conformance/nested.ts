import { deepEqual, ok } from "node:assert/strict";
import type { AggregateCall, Expression, NamedColumn, Plan, ScalarFunction } from "@mlforge/spec";
import * as fc from "fast-check";
import { rejects } from "../../store/conformance/expect.js";
import type { Cell } from "../arrow-rows.js";
import type { Needs } from "../claims.js";
import { int64, numbers, scrambled } from "../numbers.js";
import { aggregateOf, call, column, literal, nullable, type Text, table } from "../plans.js";
import type { EngineLaw } from "../runner.js";

const list = nullable("x", "list", { of: { kind: "int64", nullable: true } });
const vector = nullable("x", "vector", { length: 2, element: "float64" });
const struct = nullable("x", "struct", { fields: [nullable("a", "string"), nullable("b", "int64")] });
const json = nullable("x", "json");
const x = column("x");
const path = (pointer: string): Expression => literal("string", pointer);

/** Values, the arguments of a function that follow them, and the value that it must give. */
interface Example {
  readonly type: NamedColumn;
  readonly name: ScalarFunction;
  readonly rest: readonly Expression[];
  /** Pairs of a value and the result. */
  readonly pairs: readonly (readonly [Text, Cell])[];
}

const document = '{"a": [9007199254740993, {"b/c": "x"}, null], "a": 7, "t": true}';

const examples: readonly Example[] = [
  {
    type: list,
    name: "listLength",
    rest: [],
    pairs: [
      ["[1,null]", 2n],
      ["[]", 0n],
      [null, null],
    ],
  },
  {
    type: list,
    name: "listElement",
    rest: [int64(1)],
    pairs: [
      ["[1,9007199254740993]", 9_007_199_254_740_993n],
      ["[1,null]", null],
      ["[1]", null],
    ],
  },
  {
    type: list,
    name: "listContains",
    rest: [int64(2)],
    pairs: [
      ["[1,2]", true],
      ["[1,null]", false],
      ["[]", false],
      [null, null],
    ],
  },
  {
    type: vector,
    name: "dotProduct",
    rest: [x],
    pairs: [
      ["[3,4]", 25],
      ["[0,0]", 0],
      [null, null],
    ],
  },
  {
    type: vector,
    name: "vectorNorm",
    rest: [],
    pairs: [
      ["[3,-4]", 5],
      [null, null],
    ],
  },
  {
    type: vector,
    name: "cosineSimilarity",
    rest: [x],
    pairs: [
      ["[0,2]", 1],
      ["[0,0]", null],
      [null, null],
    ],
  },
  {
    type: struct,
    name: "structField",
    rest: [literal("string", "b")],
    pairs: [
      ['{"a":"x","b":7}', 7n],
      ['{"a":"x","b":null}', null],
      [null, null],
    ],
  },
  {
    type: json,
    name: "jsonValue",
    rest: [path("/a/0"), literal("int64", null)],
    pairs: [
      [document, 9_007_199_254_740_993n],
      ["{}", null],
      [null, null],
    ],
  },
  { type: json, name: "jsonValue", rest: [path("/a/1/b~1c"), literal("string", null)], pairs: [[document, "x"]] },
  { type: json, name: "jsonValue", rest: [path("/a/2"), literal("string", null)], pairs: [[document, null]] },
];

interface ListExample {
  readonly aggregate: AggregateCall;
  readonly expected: Cell;
}

/** Rows with an order: n, and the value of which lists are made. */
const rows = table(
  [nullable("n", "int64"), nullable("s", "string")],
  [
    ["3", "b"],
    ["1", "c"],
    ["2", "b"],
    [null, "a"],
    ["2", "a"],
    ["4", null],
  ],
);
const [n, s] = [column("n"), column("s")];

const lists: readonly ListExample[] = [
  { aggregate: { function: "collect", input: s, by: n }, expected: '["c","a","b","b","a"]' },
  { aggregate: { function: "collect", input: s, by: n, descending: true, limit: 2 }, expected: '["b","a"]' },
  { aggregate: { function: "topK", input: s, limit: 2 }, expected: '["a","b"]' },
  { aggregate: { function: "mode", input: s }, expected: "a" },
  { aggregate: { function: "histogram", input: n, edges: [2, 4] }, expected: '["1n","3n","1n"]' },
];

export function nestedLaws(law: EngineLaw): void {
  for (const name of new Set(examples.map((each) => each.name))) {
    const own = examples.filter((each) => each.name === name);
    const needs = { operations: ["project"], functions: [name], kinds: own.map(({ type }) => type.kind) } as const;
    law(`${name} gives the values of the contract`, needs, async (tools) => {
      for (const { type, rest, pairs } of own) {
        for (const [text, expected] of pairs) {
          const plan: Plan = { op: "project", input: table([type], [[text]]), columns: [{ name: "value", value: call(name, x, ...rest) }] };
          deepEqual({ text, value: await tools.only(plan) }, { text, value: expected });
        }
      }
    });
  }

  law(
    "vector makes a vector of numbers",
    { operations: ["project"], functions: ["vector"], kinds: ["vector", "float64"] },
    async ({ only }) => {
      const made = call("vector", literal("float64", "0.5"), int64(-1));
      deepEqual(
        await only({ op: "project", input: table([nullable("x", "string")], [["1"]]), columns: [{ name: "value", value: made }] }),
        "[0.5,-1]",
      );
    },
  );

  law("jsonValue of another kind is an error", { operations: ["project"], functions: ["jsonValue"], kinds: ["json"] }, async ({ only }) => {
    for (const [text, pointer] of [
      ['{"a":"x"}', "/a"],
      ['{"a":1.5}', "/a"],
      ['{"a":[1]}', "/a"],
    ] as const) {
      const input = table([json], [[text]]);
      const found = only({
        op: "project",
        input,
        columns: [{ name: "value", value: call("jsonValue", x, path(pointer), literal("int64", null)) }],
      });
      await rejects(found, "TRANSFORM_FAILED", text);
    }
  });

  for (const name of new Set(lists.map(({ aggregate }) => aggregate.function))) {
    const needs: Needs = { operations: ["aggregate"], aggregates: [name], kinds: name === "mode" ? [] : ["list"] };
    law(`${name} does not depend on the order of rows`, needs, async ({ only }) => {
      const own = lists.filter(({ aggregate }) => aggregate.function === name);
      await fc.assert(
        fc.asyncProperty(fc.shuffledSubarray([...rows.rows], { minLength: rows.rows.length }), async (shuffled) => {
          for (const { aggregate, expected } of own) deepEqual(await only(aggregateOf({ ...rows, rows: shuffled }, aggregate)), expected);
        }),
        { numRuns: 15 },
      );
    });
  }

  law("mode and topK of floats count NaN and each infinity as values of their own", countingFloats, async ({ only }) => {
    const texts = ["Infinity", "NaN", "-1.5", "NaN", "0", "-0", "Infinity", "0", null];
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(texts, { minLength: texts.length }), async (shuffled) => {
        const input = table(
          [nullable("x", "float64")],
          shuffled.map((text) => [text]),
        );
        deepEqual(await only(aggregateOf(input, { function: "mode", input: column("x") })), 0);
        const top = await only(aggregateOf(input, { function: "topK", input: column("x"), limit: 4 }));
        deepEqual(top, JSON.stringify([0, Number.POSITIVE_INFINITY, Number.NaN, -1.5]));
        const least = { ...input, rows: input.rows.filter(([text]) => text !== "0" && text !== "-0") };
        deepEqual(await only(aggregateOf(least, { function: "mode", input: column("x") })), Number.POSITIVE_INFINITY);
      }),
      { numRuns: 15 },
    );
  });

  law("approxCountDistinct is close to the number of values, and 0 for none", approximating, async ({ only }) => {
    const count = { function: "approxCountDistinct", input: column("v") } as const;
    const few: Plan = { op: "project", input: numbers(50_000), columns: [{ name: "v", value: scrambled(column("n"), 2000) }] };
    const found = Number(await only(aggregateOf(few, count)));
    // Three standard errors.
    ok(Math.abs(found - 2000) <= 2000 * 0.45, `${found} of 2000 values`);
    deepEqual(await only(aggregateOf(table([nullable("v", "int64")], [[null]]), count)), 0n);
  });
}

const approximating = {
  operations: ["aggregate", "project", "join", "filter"],
  functions: ["add", "multiply", "modulo", "less"],
  aggregates: ["approxCountDistinct"],
} as const;
const countingFloats = { operations: ["aggregate"], aggregates: ["mode", "topK"], kinds: ["float64", "list"] } as const;
