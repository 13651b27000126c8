import type { ResolvedFeature } from "./resolve-feature.js";

/** The columns that make a row of a feature unique, and by which its file is sorted: the keys, and the timestamp where there is one. */
export function keyColumns({ keys, timestamp }: Pick<ResolvedFeature, "keys" | "timestamp">): readonly string[] {
  return timestamp === undefined || keys.includes(timestamp) ? keys : [...keys, timestamp];
}
