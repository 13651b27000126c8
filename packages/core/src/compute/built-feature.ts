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
  /** Counts its computed and copied periods. Undefined if it is not divided into periods. */
  readonly periods: BuiltPeriods | undefined;
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

/** The periods of a published version. */
export interface BuiltPeriods {
  /** The number of periods that were computed. */
  readonly computed: number;
  /** The number of periods that were copied from the latest version. */
  readonly kept: number;
  /** The bytes of the files that were written. */
  readonly newBytes: number;
  /** The reason why all rows were computed. Undefined if each period was computed separately. */
  readonly whole: string | undefined;
}

/** A feature that did not need a build. */
export interface SkippedFeature {
  readonly feature: string;
  /** The existing version that equals what a build would publish. */
  readonly version: string;
  readonly reason: string;
  readonly seconds: StepSeconds;
}
