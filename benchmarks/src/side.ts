import * as v from "valibot";
import { spreadOf, spreadSchema } from "./spread.js";

/** What one run of a job took. */
export interface Measured {
  readonly ms: number;
  readonly peakBytes: number;
}

export const measuredSchema = v.object({
  /** Milliseconds of the job alone. */
  job: spreadSchema,
  /** Peak resident memory of the process, in bytes. */
  peak: spreadSchema,
});

export function measure(runs: readonly Measured[]): v.InferOutput<typeof measuredSchema> {
  return { job: spreadOf(runs.map(({ ms }) => ms)), peak: spreadOf(runs.map(({ peakBytes }) => peakBytes)) };
}
