import type { TiledFunction } from "./plan.js";

/**
 * A part of an aggregate, as tiles keep it. Parts of disjoint sets of values merge to the part of all values.
 *
 * `m2` is the sum of the squared deviations from `mean`. These two leave out values that are not finite, and mean nothing if `hasNonFinite` is true.
 */
export type PartName = "count" | "total" | "least" | "greatest" | "mean" | "m2" | "hasNonFinite" | "values";

/** How to compute a part, and how to merge it. */
export interface PartialAggregate {
  /** The values that the part is computed from. Nulls are never among them. */
  readonly of: "values" | "finiteValues";
  /** `anyNonFinite` is true if a value is NaN or infinite. `squaredDeviations` and `mean` are computed in float64. `list` holds float64, in any order. */
  readonly compute: "count" | "sum" | "min" | "max" | "mean" | "squaredDeviations" | "anyNonFinite" | "list";
  /**
   * `weightedMean` weights each mean by its `count`. `chan` adds to the `m2` of all parts the squared distances of their means to the merged mean, each
   * weighted by its `count` (Chan, Golub, and LeVeque 1979). A part without values is null, except `count`, which is 0, and nulls are skipped.
   */
  readonly merge: "sum" | "min" | "max" | "any" | "concatenate" | "weightedMean" | "chan";
}

/** The definition of each part. */
export const partialAggregates: Readonly<Record<PartName, PartialAggregate>> = {
  count: { of: "values", compute: "count", merge: "sum" },
  // Sums of integers must not overflow before the last merge: a later part can bring the sum back into the range of an int64.
  total: { of: "values", compute: "sum", merge: "sum" },
  least: { of: "values", compute: "min", merge: "min" },
  greatest: { of: "values", compute: "max", merge: "max" },
  mean: { of: "finiteValues", compute: "mean", merge: "weightedMean" },
  m2: { of: "finiteValues", compute: "squaredDeviations", merge: "chan" },
  hasNonFinite: { of: "values", compute: "anyNonFinite", merge: "any" },
  values: { of: "values", compute: "list", merge: "concatenate" },
};

/**
 * The parts that each function needs that tiles keep. Its value follows from the merged parts of a window:
 *
 * - `count`: the count.
 * - `sum`, `min`, `max`: the only part. `sum` fails if the total does not fit the kind of the result.
 * - `mean`: the total as float64, divided by the count.
 * - `std`: null for fewer than two values, NaN if one is not finite, 0 if all are equal, or else the square root of `m2 / (count - 1)`.
 * - `median`: the mean of the two middle values, where NaN is greater than every number.
 */
export const rollingParts: Readonly<Record<TiledFunction, readonly PartName[]>> = {
  sum: ["total"],
  mean: ["count", "total"],
  count: ["count"],
  min: ["least"],
  max: ["greatest"],
  std: ["count", "least", "greatest", "mean", "m2", "hasNonFinite"],
  median: ["values"],
};
