import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Comparable, changeBetween, explainChange } from "../../src/log/change.js";

const column = fc.record({
  name: fc.constantFrom("a", "b", "c", "d", "e"),
  dtype: fc.constantFrom("int64", "string", "float64"),
});
const columns = fc.uniqueArray(column, { selector: ({ name }) => name, maxLength: 5 });
const comparable: fc.Arbitrary<Comparable> = fc
  .record({
    columns,
    keys: fc.constantFrom(["k"], ["k", "l"]),
    timestamp: fc.constantFrom(undefined, "t"),
    plan_fingerprint: fc.constantFrom("p", "q"),
    source_fingerprint: fc.constantFrom("s", "r"),
  })
  .map((value) => ({
    ...value,
    columns: value.columns.map(({ name, dtype }) => ({ name, dtype, kind: "int64" as const, nullable: true })),
  }));

const rank = { patch: 1, minor: 2, major: 3, initial: 4 };
const rankOf = (previous: Comparable, next: Comparable): number => {
  const change = changeBetween(previous, next);
  return change === undefined ? 0 : rank[change.bump];
};

describe("the change between two versions", () => {
  it("is initial where there is none before", () =>
    fc.assert(
      fc.property(comparable, (next) => {
        expect(changeBetween(undefined, next)?.bump).toBe("initial");
      }),
    ));

  it("is nothing between equals", () =>
    fc.assert(
      fc.property(comparable, (same) => {
        expect(changeBetween(same, structuredClone(same))).toBeUndefined();
      }),
    ));

  it("is major exactly if a column went or changed its type, or the keys or the timestamp changed", () =>
    fc.assert(
      fc.property(comparable, comparable, (previous, next) => {
        const kept = previous.columns.every(({ name, dtype }) =>
          next.columns.some((other) => other.name === name && other.dtype === dtype),
        );
        const breaking = !kept || previous.keys.join() !== next.keys.join() || previous.timestamp !== next.timestamp;
        expect(changeBetween(previous, next)?.bump === "major").toBe(breaking);
      }),
      { numRuns: 1_000 },
    ));

  it("does not depend on the order of columns", () =>
    fc.assert(
      fc.property(comparable, comparable, (previous, next) => {
        const turned = { ...next, columns: [...next.columns].reverse() };
        expect(rankOf(previous, turned)).toBe(rankOf(previous, next));
      }),
    ));

  it("by way of a third version is never smaller than directly", () =>
    fc.assert(
      fc.property(comparable, comparable, comparable, (a, b, c) => {
        expect(Math.max(rankOf(a, b), rankOf(b, c))).toBeGreaterThanOrEqual(rankOf(a, c));
      }),
      { numRuns: 1_000 },
    ));

  it("of a column added and another retyped is major", () => {
    const [a, b] = [
      { name: "a", dtype: "int64", kind: "int64" as const, nullable: true },
      { name: "b", dtype: "string", kind: "string" as const, nullable: true },
    ];
    const base = { keys: ["k"], timestamp: undefined, plan_fingerprint: "p", source_fingerprint: "s" };
    const change = changeBetween({ ...base, columns: [a] }, { ...base, columns: [{ ...a, dtype: "string", kind: "string" }, b] });
    expect(change).toEqual({ bump: "major", reason: "dtype_changed", details: ["a: int64 to string", "added: b"] });
    expect(changeBetween({ ...base, columns: [a] }, { ...base, columns: [b] })?.details).toEqual(["a", "added: b"]);
  });
});

describe("an explanation", () => {
  it("is short and names how many columns it leaves out, however many there are", () => {
    const explained = (details: readonly string[]) => explainChange({ bump: "major", reason: "columns_removed", details });
    expect(explained(["a", "b"])).toBe("columns removed: a, b");
    const names = Array.from({ length: 30_000 }, (_, index) => `c${index}`);
    expect(explained(names)).toBe("columns removed: c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 and 29990 more");
    expect(explained(["x".repeat(400), "y".repeat(400), "z"])).toBe(`columns removed: ${"x".repeat(400)} and 2 more`);
    expect(explained(["x".repeat(300_000)]).length).toBeLessThan(600);
  });
});
