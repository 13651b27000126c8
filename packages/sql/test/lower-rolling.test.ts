import type { RollingFunction } from "@mlforge/spec";
import { expect, it } from "vitest";
import { nullable, table } from "../../testkit/src/engine/plans.js";
import { rollUp } from "../../testkit/src/engine/rolling-cases.js";
import { day } from "../../testkit/src/engine/timestamps.js";
import { lowerRolling } from "../src/index.js";

const events = table([nullable("k", "string"), nullable("at", "timestamp"), nullable("n", "int64"), nullable("x", "float64")], []);
const outputOf = (name: RollingFunction, column: string, window: bigint) => ({
  name: `${name}_${column}_${window}`,
  column,
  function: name,
  every: day,
  window: window * day,
});

it("a rolling aggregate is lowered to plain data, in which outputs share their parts", () => {
  const outputs = [outputOf("mean", "n", 2n), outputOf("sum", "n", 2n), outputOf("std", "n", 2n), outputOf("std", "n", 7n)];
  const lowered = lowerRolling(rollUp(events, outputs, ["k"]));
  expect(JSON.parse(JSON.stringify(lowered))).toEqual(lowered);
  expect(lowered.tiles.map(({ name, windows }) => [name, windows])).toEqual([["tiles0", [2n, 7n].map((days) => String(days * day))]]);
  const parts = ["count", "total", "least", "greatest", "mean", "m2"].map((part) => `p0_0_${part}`);
  expect(lowered.tiles[0]?.parts.map(({ name }) => name)).toEqual(parts);
  expect(lowered.merges.map(({ name }) => name)).toEqual([
    ...["count", "total", "least", "greatest", "distance", "m2", "squaredDistance"].map((part) => `p0_0_${part}_w0`),
    ...["count", "least", "greatest", "distance", "m2", "squaredDistance"].map((part) => `p0_0_${part}_w1`),
  ]);
  expect(lowered.deviations.map(({ exact }) => exact)).toEqual(["exact_p0_0_w0", "exact_p0_0_w1"]);
});

it("only values that may be infinite or NaN are checked for it", () => {
  for (const [column, isChecked] of [
    ["n", false],
    ["x", true],
  ] as const) {
    const [tiles] = lowerRolling(rollUp(events, [outputOf("std", column, 1n)], [])).tiles;
    expect(tiles?.parts.some(({ compute }) => compute === "anyNonFinite")).toBe(isChecked);
    expect(tiles?.parts.some(({ onlyFinite }) => onlyFinite)).toBe(isChecked);
  }
});
