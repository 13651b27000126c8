import type { BuildProgress } from "../compute/stopwatch.js";

/** Options of a build. */
export interface BuildRequest {
  /** The version number to publish under. Must not exist yet. Defaults to the next number. */
  readonly version?: string | undefined;
  /** Builds a new patch version even if nothing changed, and computes all periods of a feature that is divided into periods. Defaults to false. */
  readonly force?: boolean | undefined;
  /** Hashes every source file. Otherwise, does not hash a file again whose hash this machine recorded in the same state. Defaults to false. */
  readonly rehash?: boolean | undefined;
  /** How many features are computed at the same time. Defaults to the number the engine recommends. */
  readonly concurrency?: number | undefined;
  /** Stops the build at the first feature that fails: running features are aborted, and the rest are not started. Defaults to false. */
  readonly failFast?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BuildProgress) => void) | undefined;
}
