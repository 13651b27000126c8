import { type Plan, schemaOf } from "@mlforge/spec";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { t } from "../../src/define/column-types.js";
import { literal } from "../../src/define/literal.js";
import { contentOf, relationOf } from "../../src/define/relation-builder.js";
import { source } from "../../src/define/source.js";
import { pruneColumns } from "../../src/resolve/prune-columns.js";
import { hasUniqueKeys } from "../../src/resolve/unique-keys.js";
import { evaluate, keyOf, smallPlan, tables } from "../define/small-plans.js";

describe("pruneColumns", () => {
  it("keeps the rows and columns of a plan", () =>
    fc.assert(
      fc.property(smallPlan, tables, (plan, rows) => {
        const pruned = pruneColumns(plan);
        expect(schemaOf(pruned)).toEqual(schemaOf(plan));
        expect(evaluate(pruned, rows)).toEqual(evaluate(plan, rows));
      }),
      { numRuns: 500 },
    ));

  it("keeps one column where none is used, so that rows can be counted", () => {
    const flights = source({ path: "flights.csv", columns: { origin: t.string(), delay: t.int64() } });
    const ones = relationOf(flights, () => [])
      .derive(() => ({ one: literal(1n) }))
      .select("one");
    const plan = contentOf(ones)?.plan;
    expect(plan && pruneColumns(plan)).toMatchObject({ input: { input: { op: "scan", columns: [{ name: "origin" }] } } });
  });

  it("drops the cells of values with their columns", () => {
    const columns = ["a", "b", "c"].map((name) => ({ name, kind: "string", nullable: true }) as const);
    const input: Plan = { op: "values", columns, rows: [["1", null, "3"]] };
    const plan: Plan = { op: "project", input, columns: ["c", "a"].map((name) => ({ name, value: { expr: "column", name } })) };
    expect(pruneColumns(plan)).toMatchObject({ input: { columns: [{ name: "a" }, { name: "c" }], rows: [["1", "3"]] } });
  });

  it("prunes nothing more the second time", () =>
    fc.assert(
      fc.property(smallPlan, (plan) => {
        const pruned = pruneColumns(plan);
        expect(pruneColumns(pruned)).toEqual(pruned);
      }),
    ));
});

describe("hasUniqueKeys", () => {
  const planWithKeys: fc.Arbitrary<readonly [Plan, readonly string[]]> = smallPlan.chain((plan) =>
    fc.tuple(fc.constant(plan), fc.subarray(schemaOf(plan).map(({ name }) => name))),
  );

  it("is true only of plans whose rows have unique keys", () =>
    fc.assert(
      fc.property(planWithKeys, tables, ([plan, keys], rows) => {
        fc.pre(hasUniqueKeys(plan, keys));
        const found = evaluate(plan, rows).map((row) => keyOf(row, keys));
        expect(found.length).toBe(new Set(found).size);
      }),
      { numRuns: 500, maxSkipsPerRun: 50 },
    ));
});
