import * as v from "valibot";
import { caseSchema } from "./cases.js";

/** What a child is told: what to do, with which file, and the empty folder for what it writes. */
const jobSchema = v.object({ ...caseSchema.entries, source: v.string(), folder: v.string() });

export type Job = v.InferOutput<typeof jobSchema>;

/** What a child tells of the job it did, without the start of its process and the import of its modules. */
export const doneSchema = v.object({
  ms: v.number(),
  /** Of the whole process, import included. */
  peakBytes: v.number(),
  /** The Parquet file it wrote. */
  file: v.string(),
  /** When each step of a build began, after the start of the job. */
  steps: v.optional(v.record(v.string(), v.number())),
});

export type Done = v.InferOutput<typeof doneSchema>;

export function readJob(): Job {
  return v.parse(jobSchema, JSON.parse(process.argv[2] ?? ""));
}

export function tell(done: Omit<Done, "peakBytes">): void {
  console.log(JSON.stringify({ ...done, peakBytes: process.resourceUsage().maxRSS * 1024 }));
}
