import {
  type Kind,
  type PartName,
  partialAggregates,
  type RollingOutput,
  rollingParts,
  type TiledFunction,
  tiledFunctions,
} from "@mlforge/spec";
import type { Deviation, Merge, RollingValue, TilePart } from "./lowered-rolling.js";

/** An output, with the names of what it is computed from. */
export interface LoweredOutput {
  readonly output: TiledOutput;
  /** The kind of the values. */
  readonly of: Kind;
  readonly tiles: string;
  /** The name of the values in the tiles, and the prefix of the names of their parts. */
  readonly values: string;
  readonly window: string;
}

/** An output that tiles keep the parts of. */
export type TiledOutput = RollingOutput & { readonly function: TiledFunction };

/** Returns true if tiles can keep the parts of an output over values of a kind. */
export function isTiled(output: RollingOutput, of: Kind): output is TiledOutput {
  return tiledFunctions.some((name) => name === output.function) && of.kind !== "vector";
}

const float64: Kind = { kind: "float64" };

/** Returns the parts that the tiles keep for an output. */
export function tilePartsOf({ output, of, values }: LoweredOutput): readonly TilePart[] {
  return partsOf(output, of).map((part) => {
    const partial = partialAggregates[part];
    const onlyFinite = partial.of === "finiteValues" && canBeNonFinite(of);
    return { name: `${values}_${part}`, value: values, compute: partial.compute, onlyFinite, of, kind: partKind(part, of) };
  });
}

/** Returns the columns that merge the parts of an output over its window. */
export function mergesOf(lowered: LoweredOutput): readonly Merge[] {
  const { output, of, values, window } = lowered;
  return partsOf(output, of).flatMap((part): readonly Merge[] => {
    const { merge: by } = partialAggregates[part];
    const column = { name: mergedName(lowered, part), part: `${values}_${part}`, window };
    const moments = { count: `${values}_count`, mean: `${values}_mean`, pivot: `${values}_pivot`, window };
    switch (by) {
      case "sum":
        return [{ ...column, by, of: partKind(part, of) }];
      case "weightedMean":
        return [{ ...moments, by: "distance", name: mergedName(lowered, "distance") }];
      case "chan":
        return [
          { ...column, by: "sum", of: float64 },
          { ...moments, by: "squaredDistance", name: mergedName(lowered, "squaredDistance") },
        ];
      default:
        return [{ ...column, by }];
    }
  });
}

/** Returns how the value of an output follows from its merged parts. */
export function rollingValueOf(lowered: LoweredOutput): RollingValue {
  const merged = (part: PartName): string => mergedName(lowered, part);
  switch (lowered.output.function) {
    case "count":
      return { is: "count", count: merged("count") };
    case "sum":
      return { is: "sum", total: merged("total"), of: lowered.of };
    case "mean":
      return { is: "mean", total: merged("total"), count: merged("count") };
    case "min":
      return { is: "extreme", part: merged("least") };
    case "max":
      return { is: "extreme", part: merged("greatest") };
    case "median":
      return { is: "median", values: merged("values") };
    case "std":
      return { is: "deviation", deviation: deviationOf(lowered) };
  }
}

/** Returns the names that a standard deviation is computed from. */
export function deviationOf(lowered: LoweredOutput): Deviation {
  const { output, of, tiles, values, window } = lowered;
  return {
    exact: `exact_${values}_${window}`,
    tiles,
    length: output.window,
    tile: { count: `${values}_count`, mean: `${values}_mean` },
    pivot: `${values}_pivot`,
    count: mergedName(lowered, "count"),
    least: mergedName(lowered, "least"),
    greatest: mergedName(lowered, "greatest"),
    m2: mergedName(lowered, "m2"),
    distance: mergedName(lowered, "distance"),
    squaredDistance: mergedName(lowered, "squaredDistance"),
    hasNonFinite: canBeNonFinite(of) ? mergedName(lowered, "hasNonFinite") : undefined,
  };
}

function mergedName({ values, window }: LoweredOutput, part: PartName | "distance" | "squaredDistance"): string {
  return `${values}_${part}_${window}`;
}

function partsOf({ function: name }: TiledOutput, of: Kind): readonly PartName[] {
  return rollingParts[name].filter((part) => part !== "hasNonFinite" || canBeNonFinite(of));
}

function canBeNonFinite({ kind }: Kind): boolean {
  return kind === "float32" || kind === "float64";
}

function partKind(part: PartName, of: Kind): Kind {
  switch (part) {
    case "count":
      return { kind: "int64" };
    case "total":
      return canBeNonFinite(of) ? float64 : { kind: "decimal", precision: 38, scale: of.scale ?? 0 };
    case "least":
    case "greatest":
      return of;
    case "mean":
    case "m2":
      return float64;
    case "hasNonFinite":
      return { kind: "boolean" };
    case "values":
      return { kind: "list", of: { ...float64, nullable: false } };
  }
}
