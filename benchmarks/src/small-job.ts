import * as v from "valibot";

export const smallJobSchema = v.object({
  features: v.number(),
  /** The folder of the sources, which holds `s0.parquet`, `s1.parquet`, and so on. */
  sources: v.string(),
  /** The folder of the store and of the cache. A build into an empty one computes every feature, the next one none. */
  place: v.string(),
});

export const smallDoneSchema = v.object({
  ms: v.number(),
  /** User and system time of the job, in milliseconds. */
  cpuMs: v.number(),
  built: v.number(),
  skipped: v.number(),
});

/** The number of features on each source. */
export const featuresOfSource = 5;
