import type { BuildEvent } from "../build/build.js";
import type { FeaturePlan } from "../build/plan-feature.js";
import type { BuildRequest } from "../build/request.js";
import type { ValidationEvent } from "../build/validate.js";
import type { BuildProgress } from "../compute/stopwatch.js";
import type { AnyFeature } from "../define/any-feature.js";
import type { FeatureInput, FeatureNames } from "../define/features-of.js";
import type { AnySource } from "../define/source.js";
import type { CheckedNumber } from "../define/version-text.js";
import type { EnvironmentOptions } from "../environment/profiles.js";
import type { ListedVersions } from "../log/versions.js";
import type { PruneLimits } from "../prune/prune-features.js";
import type { SyncEvent, SyncRequest } from "../sync/sync.js";
import type { VerifyProgress } from "../verify/report.js";

export type DefinitionsOptions<F extends readonly FeatureInput[]> = EnvironmentOptions & {
  /** The name of the project. */
  readonly name: string;
  /** Features, or modules that export some: `import * as flights from "../flights.js"`. */
  readonly features: F;
  /**
   * Sources that no feature reads yet. `list sources`, `inspect source`, and `types` show them beside those that features read. Defaults to none.
   */
  readonly sources?: readonly AnySource[] | undefined;
  /** Sources of labels, which declare their columns and formats once. The command line refers to them by name. Defaults to none. */
  readonly labels?: readonly AnySource[] | undefined;
  /** Who builds, for the history of each feature. Defaults to the user's login name. */
  readonly by?: string | undefined;
  /** The clock. Defaults to the system clock. */
  readonly now?: (() => Date) | undefined;
};

export interface BuildOptions<F extends readonly FeatureInput[]> extends BuildRequest {
  /** The features to build, by name or as objects. Defaults to all. Cannot be combined with `tags`. */
  readonly features?: readonly (FeatureNames<F> | AnyFeature)[] | undefined;
  /** Builds the features that have one of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** Called when a feature is done. */
  readonly onFeature?: ((event: BuildEvent) => void) | undefined;
}

/** The version of other options, checked before it runs if its text is known. */
export interface NumberedVersion<V> {
  readonly version?: (V & CheckedNumber<V>) | undefined;
}

export interface ValidateOptions<F extends readonly FeatureInput[]> {
  /** The features to validate, by name or as objects. Defaults to all. Cannot be combined with `tags`. */
  readonly features?: readonly (FeatureNames<F> | AnyFeature)[] | undefined;
  /** Validates the features that have one of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** How many features are computed at the same time. Defaults to the number the engine recommends. */
  readonly concurrency?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BuildProgress) => void) | undefined;
  /** Called when a feature is done. */
  readonly onFeature?: ((event: ValidationEvent) => void) | undefined;
}

export interface PruneOptions<F extends readonly FeatureInput[]> extends PruneLimits {
  /** The features to prune, by name or as objects. Defaults to all. If given, leftovers of killed processes are kept. */
  readonly features?: readonly (FeatureNames<F> | AnyFeature)[] | undefined;
  /** Local folders to search for unfinished output files, at any depth. Defaults to none. */
  readonly outputFolders?: readonly string[] | undefined;
}

/** The same options as `build`. */
export interface PlanOptions<F extends readonly FeatureInput[]>
  extends Pick<BuildOptions<F>, "features" | "tags" | "version" | "force" | "rehash" | "signal"> {
  /** Called when a feature is planned. Features can finish in any order. */
  readonly onFeature?: ((plan: FeaturePlan) => void) | undefined;
}

export interface DescribeSourcesOptions extends CallOptions {
  /** The sources to describe, by name. Defaults to all. */
  readonly sources?: readonly string[] | undefined;
}

export interface VerifyOptions {
  /** The features to verify, by name or as objects, including features that exist only in the store. Defaults to the whole store. */
  readonly features?: readonly (string | AnyFeature)[] | undefined;
  /** Compares only the sizes of data files and reads none of them. Defaults to false. */
  readonly quick?: boolean | undefined;
  /** Local folders to search for unfinished output files, at any depth. Defaults to none. */
  readonly outputFolders?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
}

export interface SyncOptions<F extends readonly FeatureInput[]> extends SyncRequest {
  /** The features to sync, by name or as objects. Defaults to all. Cannot be combined with `tags`. */
  readonly features?: readonly (FeatureNames<F> | AnyFeature)[] | undefined;
  /** Syncs the features that have one of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** Called when a feature is rebuilt or fails. */
  readonly onFeature?: ((event: SyncEvent) => void) | undefined;
}

/** The versions of a feature. */
export interface FeatureVersions extends ListedVersions {
  readonly feature: string;
  /** The version that reads and joins use by default. */
  readonly latest: string | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface RollbackOptions extends CallOptions {
  /** The version to go back to, `X.Y.Z`. */
  readonly version?: string | undefined;
  /** Goes back to the version that was latest before the current one. Run it twice to undo. Cannot be combined with `version`. */
  readonly previous?: boolean | undefined;
  /** Holds the feature at that version: builds are published but do not become latest until you call `release`. Defaults to false, which does not
   * end an existing hold. */
  readonly hold?: boolean | undefined;
  /** For the history. Defaults to "". */
  readonly reason?: string | undefined;
  /** Only reports what a rollback would do. Defaults to false. */
  readonly dryRun?: boolean | undefined;
}

export interface HoldOptions extends CallOptions {
  /** The version to hold, `X.Y.Z`. Defaults to the latest. */
  readonly version?: string | undefined;
  /** For the history. Defaults to "". */
  readonly reason?: string | undefined;
  /** Only reports what a hold would do. Defaults to false. */
  readonly dryRun?: boolean | undefined;
}

export interface ReleaseOptions extends CallOptions {
  /** For the history. Defaults to "". */
  readonly reason?: string | undefined;
}
