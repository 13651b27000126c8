import type { Leftover, Store } from "@mlforge/spec";
import type { VerifyProgress } from "./report.js";

/** The inputs of a verification. */
export interface VerifyRun {
  readonly store: Store;
  /** If true, checks only the size of data files. */
  readonly quick: boolean;
  readonly now: () => Date;
  /** Finds the leftovers of ended processes. */
  readonly leftovers: () => Promise<readonly Leftover[]>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
}
