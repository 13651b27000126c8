import { deepEqual } from "node:assert/strict";
import { type Plan, schemaOf } from "@mlforge/spec";
import * as fc from "fast-check";
import type { Cell } from "../arrow-rows.js";
import { nullable, sorted, table } from "../plans.js";
import type { EngineLaw } from "../runner.js";

const columns = [nullable("k", "string"), nullable("at", "timestamp"), nullable("id", "int64"), nullable("v", "string")];
const needs = { operations: ["sequence", "sort"], kinds: ["timestamp"] } as const;

interface Row {
  readonly k: string | null;
  readonly at: number | null;
  readonly id: number;
  readonly v: string | null;
}

const row: fc.Arbitrary<Row> = fc.record({
  k: fc.constantFrom("a", "b", null),
  at: fc.constantFrom(0, 1, 2, null),
  id: fc.nat(99),
  v: fc.constantFrom("x", "y", null),
});
const rowsOnce = fc.uniqueArray(row, { maxLength: 12, selector: ({ id }) => id });

function sequenceOf(rows: readonly Row[]): Plan {
  const input = table(
    columns,
    rows.map(({ k, at, id, v }) => [k, at === null ? null : `1970-01-01T00:00:0${at}.000000Z`, String(id), v]),
  );
  return {
    op: "sequence",
    input,
    keys: ["k"],
    timestamp: "at",
    thenBy: ["id"],
    outputs: [
      { name: "n", function: "rowNumber" },
      { name: "previous", function: "lag", column: "v", offset: 1 },
      { name: "before", function: "lag", column: "id", offset: 2 },
    ],
  };
}

/** Returns the id and the outputs of every row, found by counting and comparing all rows. */
function expected(rows: readonly Row[]): readonly (readonly Cell[])[] {
  return [...rows]
    .sort((a, b) => a.id - b.id)
    .map((each) => {
      const { k, at, id } = each;
      if (at === null) return [BigInt(id), null, null, null];
      const earlier = rows
        .filter((other) => other.k === k && other.at !== null && (other.at < at || (other.at === at && other.id < id)))
        .sort((a, b) => (b.at ?? 0) - (a.at ?? 0) || b.id - a.id);
      const before = earlier[1]?.id;
      return [BigInt(id), BigInt(earlier.length + 1), earlier[0]?.v ?? null, before === undefined ? null : BigInt(before)];
    });
}

export function sequenceLaws(law: EngineLaw): void {
  law("a sequence numbers the rows of each key in their order, and looks back only", needs, async ({ rows, engine }) => {
    deepEqual((await engine.describe(sequenceOf([]))).columns, schemaOf(sequenceOf([])));
    await fc.assert(
      fc.asyncProperty(rowsOnce, async (all) => {
        const found = await rows(sorted(sequenceOf(all), "id"));
        deepEqual(
          found.map(([, , id, , ...outputs]) => [id, ...outputs]),
          expected(all),
        );
      }),
      { numRuns: 30 },
    );
  });

  law("a sequence without keys numbers all rows", needs, async ({ rows }) => {
    const input = table([nullable("at", "timestamp")], [["2024-01-02T00:00:00.000000Z"], [null], ["2024-01-01T00:00:00.000000Z"]]);
    const plan: Plan = { op: "sequence", input, keys: [], timestamp: "at", thenBy: [], outputs: [{ name: "n", function: "rowNumber" }] };
    deepEqual(
      (await rows(sorted(plan, "at"))).map(([, n]) => n),
      [1n, 2n, null],
    );
  });
}
