import { deepEqual } from "node:assert/strict";
import type { Plan, Schema } from "@mlforge/spec";
import * as fc from "fast-check";
import type { Cell } from "../arrow-rows.js";
import { int64, numbers } from "../numbers.js";
import { call, column, literal, nullable, sorted, table } from "../plans.js";
import type { EngineLaw } from "../runner.js";

const columns: Schema = [nullable("a", "int64"), nullable("b", "string")];

interface Key {
  readonly a: number | null;
  readonly b: string | null;
}

const key: fc.Arbitrary<Key> = fc.record({ a: fc.option(fc.integer({ min: 0, max: 3 })), b: fc.option(fc.constantFrom("x", "y")) });

function relation(keys: readonly Key[]): Plan {
  return table(
    columns,
    keys.map(({ a, b }) => [a === null ? null : String(a), b]),
  );
}

function violations(input: Plan, options: { sorted?: boolean; unique?: boolean; limit?: number }): Plan {
  return { op: "keyViolations", input, keys: ["a", "b"], sorted: false, unique: false, limit: 100, ...options };
}

/** Returns each key that has a null or several rows, once, with the number of its rows. */
function expected(keys: readonly Key[]): Cell[][] {
  const counts = new Map<string, { readonly key: Key; rows: number }>();
  for (const each of keys) {
    const text = JSON.stringify([each.a, each.b]);
    const counted = counts.get(text) ?? { key: each, rows: 0 };
    counts.set(text, { ...counted, rows: counted.rows + 1 });
  }
  return [...counts.values()].flatMap(({ key: { a, b }, rows }): Cell[][] => {
    if (a === null || b === null) return [[a, b, "null", BigInt(rows)]];
    return rows > 1 ? [[a, b, "duplicate", BigInt(rows)]] : [];
  });
}

const order = (rows: readonly Cell[][]): string[] => rows.map((row) => row.map(String).join(" ")).sort();

export function keyViolationLaws(law: EngineLaw): void {
  for (const isSorted of [true, false]) {
    const needs = { operations: isSorted ? (["keyViolations", "sort"] as const) : (["keyViolations"] as const) };
    const of = isSorted ? "sorted rows" : "rows in any order";

    law(`key violations of ${of} are the nulls and the repeated keys`, needs, async ({ rows }) => {
      await fc.assert(
        fc.asyncProperty(fc.array(key, { maxLength: 12 }), async (keys) => {
          const input: Plan = isSorted ? sorted(relation(keys), "a", "b") : relation(keys);
          deepEqual(order(await rows(violations(input, { sorted: isSorted }))), order(expected(keys)));
        }),
        { numRuns: 40 },
      );
    });

    law(`key violations of ${of} are at most limit of each, those with most rows`, needs, async ({ rows }) => {
      const nulls = ["x", "y", "y", "z", "z", "z"].map((b) => ({ a: null, b }));
      const keys = [...[0, 0, 1, 1, 1, 2, 2, 2, 2].map((a) => ({ a, b: "x" })), ...nulls];
      const input = isSorted ? sorted(relation(keys), "a", "b") : relation(keys);
      const found = await rows(violations(input, { sorted: isSorted, limit: 2 }));
      const worst = (violation: string): readonly Cell[][] => found.filter((row) => row[2] === violation);
      deepEqual(worst("null"), [
        [null, "z", "null", 3n],
        [null, "y", "null", 2n],
      ]);
      deepEqual(worst("duplicate"), [
        [2n, "x", "duplicate", 4n],
        [1n, "x", "duplicate", 3n],
      ]);
      deepEqual(found.length, 4);
    });
  }

  law("key violations of keys known to be unique are the nulls only", { operations: ["keyViolations"] }, async ({ rows }) => {
    const keys = [
      { a: 1, b: "x" },
      { a: 2, b: "x" },
      { a: null, b: "x" },
    ];
    deepEqual(await rows(violations(relation(keys), { unique: true })), [[null, "x", "null", 1n]]);
  });

  law("key violations are found in a sorted file of many rows", large, async ({ rows, file }) => {
    // The one repeated key is in the middle, where an engine may split the rows.
    const shifted = call(
      "subtract",
      column("n"),
      call("least", call("greatest", call("subtract", column("n"), int64(122_879)), int64(0)), int64(1)),
    );
    const columns = [
      { name: "a", value: shifted },
      { name: "b", value: literal("string", "x") },
    ];
    const scan = await file(sorted({ op: "project", input: numbers(400_000), columns }, "a", "b"));
    for (const isSorted of [true, false]) {
      deepEqual(await rows(violations(scan, { sorted: isSorted })), [[122_879n, "x", "duplicate", 2n]]);
    }
  });
}

const large = {
  operations: ["keyViolations", "sort", "project", "join", "filter", "scan"],
  functions: ["add", "subtract", "multiply", "less", "least", "greatest"],
  files: true,
} as const;
