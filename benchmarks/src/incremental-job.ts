import * as v from "valibot";

export const incrementalKinds = ["rolling", "projection"] as const;

export const incrementalJobSchema = v.object({
  kind: v.picklist(incrementalKinds),
  /** True if the feature is divided into months. */
  divided: v.boolean(),
  /** A glob of the source files. */
  source: v.string(),
  /** The folder of the store and the cache. */
  folder: v.string(),
});

export type IncrementalJob = v.InferOutput<typeof incrementalJobSchema>;

export const incrementalDoneSchema = v.object({
  ms: v.number(),
  /** User and system time, in milliseconds. */
  cpuMs: v.number(),
  peakBytes: v.number(),
  /** The folder of the version. Null if nothing changed. */
  version: v.nullable(v.string()),
  bytes: v.number(),
  newBytes: v.number(),
  computed: v.number(),
  kept: v.number(),
});

export type IncrementalDone = v.InferOutput<typeof incrementalDoneSchema>;
