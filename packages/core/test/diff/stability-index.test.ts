import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stabilityIndex } from "../../src/diff/stability-index.js";

const counts = fc.array(fc.nat({ max: 50 }), { minLength: 4, maxLength: 4 }).map((each) => new Map(each.map((count, bin) => [bin, count])));

describe("the population stability index", () => {
  it("is what one computes by hand", () => {
    // (0.25 - 0.5) ln(0.25 / 0.5) + (0.75 - 0.5) ln(0.75 / 0.5)
    const halves = new Map([
      [0, 10],
      [1, 10],
    ]);
    const quarters = new Map([
      [0, 5],
      [1, 15],
    ]);
    expect(stabilityIndex(halves, quarters)).toBeCloseTo(0.274653, 6);
    // (0.0001 - 0.5) ln(0.0001 / 0.5) + (1 - 0.5) ln(1 / 0.5)
    expect(stabilityIndex(halves, new Map([[1, 7]]))).toBeCloseTo(4.604319, 5);
    expect(stabilityIndex(halves, new Map())).toBeUndefined();
  });

  it("is never below 0, 0 for the same shares, and the same in both directions", () =>
    fc.assert(
      fc.property(counts, counts, fc.integer({ min: 1, max: 9 }), (from, to, times) => {
        const index = stabilityIndex(from, to);
        fc.pre(index !== undefined);
        expect(index).toBeGreaterThanOrEqual(0);
        expect(stabilityIndex(to, from)).toBeCloseTo(index, 12);
        expect(stabilityIndex(from, new Map([...from].map(([bin, count]) => [bin, count * times])))).toBeCloseTo(0, 12);
      }),
    ));
});
