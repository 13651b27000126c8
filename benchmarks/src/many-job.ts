import * as v from "valibot";

/** Who computes the features: one build, a build for each feature, or SQL by hand over one connection. */
const manySides = ["build", "builds", "sql"] as const;

export type ManySide = (typeof manySides)[number];

export const manyJobSchema = v.object({ side: v.picklist(manySides), source: v.string(), folder: v.string() });

export const manyFeatures = 12;

/** The keys of a feature, by its number. */
export function keysOf(index: number): readonly ["origin"] | readonly ["destination"] | readonly ["origin", "destination"] {
  if (index % 3 === 0) return ["origin"];
  return index % 3 === 1 ? ["destination"] : ["origin", "destination"];
}

export const manyDoneSchema = v.object({ ms: v.number(), peakBytes: v.number(), files: v.array(v.string()) });
