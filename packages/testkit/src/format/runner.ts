import type { Format } from "@mlforge/spec";
import type { Runner } from "../store/runner.js";

export interface FormatTestContext {
  /** Returns the format for one test. It must share nothing that a failed call could break. */
  open(): Format;
}

/** Creates one test of the suite: `law` is its name, and `body` gets its own format. */
export type FormatLaw = (law: string, body: (format: Format) => Promise<void>) => void;

export type { Runner };
