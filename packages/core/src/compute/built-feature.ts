import type { RuleResult } from "@mlforge/spec";
import type { OmittedColumn } from "../resolve/omitted-columns.js";
import type { StepSeconds } from "./stopwatch.js";

/** A version that was published. */
export interface BuiltFeature {
  readonly feature: string;
  readonly version: string;
  readonly change: "initial" | "major" | "minor" | "patch";
  /** Why there is a new version, and why it is not the latest where it is not. */
  readonly reason: string;
  readonly rows: number;
  readonly bytes: number;
  /** Where the data file is. */
  readonly url: string;
  /** Whether the feature's pointer names this version now. */
  readonly latest: boolean;
  readonly seconds: StepSeconds;
  /** The rules that failed and whose severity is `warn`. */
  readonly warnings: readonly RuleResult[];
  /** Columns of its sources that no column kind can hold, and that were therefore not read. */
  readonly omitted: readonly OmittedColumn[];
  /** What to look at twice in its definition, in words: nothing that mlforge could check. */
  readonly notices: readonly string[];
}

/** A feature for which nothing had to be built. */
export interface SkippedFeature {
  readonly feature: string;
  /** The version that is already what a build would make. */
  readonly version: string;
  readonly reason: string;
  readonly seconds: StepSeconds;
}
