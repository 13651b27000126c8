import type { RuleResult } from "@mlforge/spec";
import type { Partition } from "../define/partition.js";
import type { InputSource } from "../log/inputs.js";
import type { DataFile, MetadataPeriod, VersionMetadata } from "../log/metadata.js";
import type { SourceFile } from "../sources/source-files.js";
import type { Output, OutputFile } from "./output.js";
import type { SharedTextSources } from "./shared-text-sources.js";
import type { BuildProgress } from "./stopwatch.js";

/** The periods of a computed version. */
export interface ComputedPeriods {
  readonly partition: Partition;
  /** Every period that can have rows, in order. */
  readonly periods: readonly MetadataPeriod[];
  /** The number of periods that were computed. The others are copied from the earlier version. */
  readonly computed: number;
  /** The files to copy from the earlier version. */
  readonly kept: readonly DataFile[];
  /** The reason why all rows were computed before they were divided. Undefined if each period was computed separately. */
  readonly whole: string | undefined;
  /** The days of the sources that were read. Empty if all rows were computed before they were divided. */
  readonly inputs: readonly InputSource[];
}

/** The version whose periods can be copied if their inputs are unchanged, and the inputs that its build recorded. */
export interface EarlierVersion {
  readonly metadata: VersionMetadata;
  readonly inputs: readonly InputSource[];
}

/** The computed rows of a feature in files, sorted by keys and timestamp, with valid keys, but not yet published. */
export interface ComputedFeature {
  /** In the order of their rows. Does not include the files to copy from an earlier version. */
  readonly files: readonly OutputFile[];
  readonly rows: number;
  /** The results of its validators. */
  readonly validation: readonly RuleResult[];
  /** The engine or format that wrote the rows, for the metadata. */
  readonly by: { readonly name: string; readonly version: string };
  /** Undefined if the feature is not divided into periods. */
  readonly periods?: ComputedPeriods | undefined;
}

export interface ComputeOptions {
  /** Where the files go. A TypeScript transform needs a local folder. */
  readonly output: Output;
  /** Text sources that several features of the build read. */
  readonly textSources?: SharedTextSources | undefined;
  /** The version whose periods can be copied if their inputs are unchanged. */
  readonly earlier?: EarlierVersion | undefined;
  /** The known hashes of source files. */
  readonly hashes?: ReadonlyMap<SourceFile, string> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onStep: (step: BuildProgress["step"], fraction?: number) => void;
}
