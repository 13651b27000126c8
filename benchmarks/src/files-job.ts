import * as v from "valibot";

export const filesJobSchema = v.object({
  side: v.picklist(["mlforge", "copy"]),
  /** A glob of the source files. */
  source: v.string(),
  /** The empty folder for what the job writes. */
  folder: v.string(),
});

export type FilesJob = v.InferOutput<typeof filesJobSchema>;

export const filesDoneSchema = v.object({
  ms: v.number(),
  /** User and system time of the job, in milliseconds. */
  cpuMs: v.number(),
  peakBytes: v.number(),
  /** The Parquet file it wrote. */
  file: v.string(),
});
