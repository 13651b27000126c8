import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PartialAggregate, type PartName, partialAggregates, rollingParts, type TiledFunction, tiledFunctions } from "../src/index.js";

type Part = number | boolean | readonly number[] | null;
type Parts = Readonly<Partial<Record<PartName, Part>>>;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const squares = (values: readonly number[]): number => sum(values.map((value) => (value - mean(values)) ** 2));

/** Computes a part from the data that defines it, and from nothing else. */
function compute({ of, compute }: PartialAggregate, all: readonly number[]): Part {
  const values = of === "values" ? all : all.filter(Number.isFinite);
  if (compute === "count") return values.length;
  if (values.length === 0) return null;
  switch (compute) {
    case "sum":
      return sum(values);
    case "min":
      return Math.min(...values);
    case "max":
      return Math.max(...values);
    case "mean":
      return mean(values);
    case "squaredDeviations":
      return squares(values);
    case "anyNonFinite":
      return values.some((value) => !Number.isFinite(value));
    case "list":
      return values;
  }
}

/** Merges a part of two sets of values from the data that defines it, and from nothing else. */
function merge(name: PartName, a: Parts, b: Parts): Part {
  const [one, other] = [a[name] ?? null, b[name] ?? null];
  if (one === null || other === null) return one ?? other;
  const number = (parts: Parts, part: PartName): number => Number(parts[part]);
  const [n, m] = [number(a, "count"), number(b, "count")];
  switch (partialAggregates[name].merge) {
    case "sum":
      return Number(one) + Number(other);
    case "min":
      return Math.min(Number(one), Number(other));
    case "max":
      return Math.max(Number(one), Number(other));
    case "any":
      return one === true || other === true;
    case "concatenate":
      return [...(Array.isArray(one) ? one : []), ...(Array.isArray(other) ? other : [])];
    case "weightedMean":
      return (n * Number(one) + m * Number(other)) / (n + m);
    case "chan":
      return Number(one) + Number(other) + ((number(a, "mean") - number(b, "mean")) ** 2 * n * m) / (n + m);
  }
}

function tile(name: TiledFunction, values: readonly number[]): Parts {
  return Object.fromEntries(rollingParts[name].map((part) => [part, compute(partialAggregates[part], values)]));
}

function merged(name: TiledFunction, a: Parts, b: Parts): Parts {
  return Object.fromEntries(rollingParts[name].map((part) => [part, merge(part, a, b)]));
}

const quarters = fc.integer({ min: -4000, max: 4000 }).map((value) => value / 4);
const values = (odd: boolean): fc.Arbitrary<number[]> =>
  fc.array(odd ? fc.oneof({ weight: 5, arbitrary: quarters }, { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity) }) : quarters, {
    maxLength: 6,
  });

describe.each(tiledFunctions)("the parts of %s", (name) => {
  it("are the same, merged from tiles in any grouping, as those of all values at once", () => {
    const three = fc.boolean().chain((odd) => fc.tuple(values(odd), values(odd), values(odd)));
    fc.assert(
      fc.property(three, ([a, b, c]) => {
        const [x, y, z] = [tile(name, a), tile(name, b), tile(name, c)];
        const whole = tile(name, [...a, ...b, ...c]);
        for (const parts of [merged(name, merged(name, x, y), z), merged(name, x, merged(name, y, z))]) {
          for (const part of rollingParts[name]) {
            const [found, value] = [parts[part], whole[part]];
            const isMeaningful = whole.hasNonFinite !== true || (part !== "mean" && part !== "m2");
            if (typeof value === "number" && typeof found === "number" && Number.isFinite(value)) {
              if (isMeaningful) expect(Math.abs(found - value)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
            } else expect(found).toEqual(value);
          }
        }
      }),
    );
  });
});
