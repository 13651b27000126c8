import type { RuleResult } from "@mlforge/spec";
import type { OmittedColumn } from "../resolve/omitted-columns.js";
import type { StepSeconds } from "./stopwatch.js";

/** A published version. */
export interface BuiltFeature {
  readonly feature: string;
  readonly version: string;
  readonly change: "initial" | "major" | "minor" | "patch";
  /** The reason for the new version. If it did not become latest, also says why. */
  readonly reason: string;
  readonly rows: number;
  readonly bytes: number;
  /** The URL of the data file. */
  readonly url: string;
  /** True if this version is now latest. */
  readonly latest: boolean;
  readonly seconds: StepSeconds;
  /** The failed rules of severity `warn`. */
  readonly warnings: readonly RuleResult[];
  /** Source columns that were not read because no column type can hold them. */
  readonly omitted: readonly OmittedColumn[];
  /** Notices about parts of the definition that mlforge cannot check. */
  readonly notices: readonly string[];
  /** True if its definition declares that equal inputs can give other rows. */
  readonly volatile: boolean;
}

/** A feature that did not need a build. */
export interface SkippedFeature {
  readonly feature: string;
  /** The existing version that equals what a build would publish. */
  readonly version: string;
  readonly reason: string;
  readonly seconds: StepSeconds;
}
