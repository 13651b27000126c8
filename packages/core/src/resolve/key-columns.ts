import type { ResolvedFeature } from "./resolve-feature.js";

/** Returns the columns that make the rows of a feature unique and that its file is sorted by: the keys, and the timestamp if there is one. */
export function keyColumns({ keys, timestamp }: Pick<ResolvedFeature, "keys" | "timestamp">): readonly string[] {
  return timestamp === undefined || keys.includes(timestamp) ? keys : [...keys, timestamp];
}
