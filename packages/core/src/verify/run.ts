import type { Store } from "@mlforge/spec";
import type { VerifyProgress } from "./report.js";

/** What a verification works with. */
export interface VerifyRun {
  readonly store: Store;
  /** Whether data is judged by its size alone. */
  readonly quick: boolean;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
}
