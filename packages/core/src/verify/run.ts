import type { Store } from "@mlforge/spec";
import type { VerifyProgress } from "./report.js";

/** The inputs of a verification. */
export interface VerifyRun {
  readonly store: Store;
  /** If true, checks only the size of data files. */
  readonly quick: boolean;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
}
