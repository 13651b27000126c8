import type { BuildProgress } from "../compute/stopwatch.js";

/** What one build is asked to do. */
export interface BuildRequest {
  readonly version?: string | undefined;
  readonly force?: boolean | undefined;
  /** How many features are computed at a time. */
  readonly concurrency?: number | undefined;
  /** Whether the first failure stops the others. */
  readonly failFast?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BuildProgress) => void) | undefined;
}
