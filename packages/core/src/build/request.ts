import type { BuildProgress } from "../compute/stopwatch.js";

/** Options of a build. */
export interface BuildRequest {
  readonly version?: string | undefined;
  readonly force?: boolean | undefined;
  /** The number of features to compute at a time. Defaults to what the engine recommends. */
  readonly concurrency?: number | undefined;
  /** If true, the first failure stops the other features. Defaults to false. */
  readonly failFast?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BuildProgress) => void) | undefined;
}
