import type { Engine, Format, RuleResult, Store } from "@mlforge/spec";
import type { FileCache } from "../remote/file-cache.js";
import type { RemoteFiles } from "../remote/remote-files.js";
import type { Remotes } from "../remote/remotes.js";
import type { OmittedColumn } from "./omitted-columns.js";
import type { StepSeconds } from "./stopwatch.js";

/** What a build works with. */
export interface BuildContext {
  readonly store: Store;
  readonly engine?: Engine | undefined;
  readonly format?: Format | undefined;
  /** What lies outside of this machine. */
  readonly remotes: Remotes;
  /** The files out there that plans may name; `engine` reads them through it. */
  readonly files: RemoteFiles;
  /** The engine without what lets it read files that lie elsewhere: for files that are made here. */
  readonly localEngine?: Engine | undefined;
  readonly cache: FileCache;
  /** Who builds, for claims and histories. */
  readonly by: string;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** What one build is asked to do. */
export interface BuildRequest {
  readonly version?: string | undefined;
  readonly force?: boolean | undefined;
  /** How many features are computed at a time. */
  readonly concurrency?: number | undefined;
  /** Whether the first failure stops the others. */
  readonly failFast?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BuildProgress) => void) | undefined;
}

/** Where the build of a feature is. */
export interface BuildProgress {
  readonly feature: string;
  readonly step: "reading" | "computing" | "checking" | "publishing";
  /** From 0 to 1, while computing. */
  readonly fraction?: number | undefined;
}

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
