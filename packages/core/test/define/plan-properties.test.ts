import { schemaOf } from "@mlforge/spec";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pruneColumns } from "../../src/define/prune-columns.js";
import { hasUniqueKeys } from "../../src/define/unique-keys.js";
import { evaluate, keyOf, smallPlan, tables } from "./small-plans.js";

describe("pruneColumns", () => {
  it("keeps the rows and columns of a plan", () => {
    fc.assert(
      fc.property(smallPlan, tables, (plan, rows) => {
        const pruned = pruneColumns(plan);
        expect(schemaOf(pruned)).toEqual(schemaOf(plan));
        expect(evaluate(pruned, rows)).toEqual(evaluate(plan, rows));
      }),
      { numRuns: 500 },
    );
  });

  it("prunes nothing more the second time", () => {
    fc.assert(
      fc.property(smallPlan, (plan) => {
        const pruned = pruneColumns(plan);
        expect(pruneColumns(pruned)).toEqual(pruned);
      }),
    );
  });
});

describe("hasUniqueKeys", () => {
  it("is true only of plans whose rows have unique keys", () => {
    let proved = 0;
    fc.assert(
      fc.property(smallPlan, tables, fc.infiniteStream(fc.boolean()), (plan, rows, choices) => {
        const keys = schemaOf(plan)
          .map(({ name }) => name)
          .filter(() => choices.next().value);
        if (!hasUniqueKeys(plan, keys)) return;
        const found = evaluate(plan, rows).map((row) => keyOf(row, keys));
        expect(found.length).toBe(new Set(found).size);
        proved += 1;
      }),
      { numRuns: 2000 },
    );
    expect(proved).toBeGreaterThan(50);
  });
});
