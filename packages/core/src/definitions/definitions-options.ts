import type { BuildEvent } from "../build/build.js";
import type { FeaturePlan } from "../build/plan-feature.js";
import type { ValidationEvent } from "../build/validate.js";
import type { BuildProgress } from "../compute/stopwatch.js";
import type { AnyFeature } from "../define/any-feature.js";
import type { FeatureInput, FeatureNames } from "../define/features-of.js";
import type { AnySource } from "../define/source.js";
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
  /** Sources of labels, so that their columns and formats are declared once. The command line knows them by name. Defaults to none. */
  readonly labels?: readonly AnySource[] | undefined;
  /** Who builds, for the history of each feature; the user's login name unless told. */
  readonly by?: string | undefined;
  /** The clock; the system's unless told. */
  readonly now?: (() => Date) | undefined;
};

export interface BuildOptions<F extends readonly FeatureInput[]> {
  /** The features to build, by name or as objects; all unless told. Not together with `tags`. */
  readonly features?: readonly (FeatureNames<F> | AnyFeature)[] | undefined;
  /** Builds the features that have one of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** The number to publish under, instead of the next one. An existing one is refused. */
  readonly version?: string | undefined;
  /** Builds a new patch version where nothing changed. */
  readonly force?: boolean | undefined;
  /** How many features are computed at a time; what the engine is best at unless told. */
  readonly concurrency?: number | undefined;
  /** Stops at the first feature that fails: those in work are stopped, and those not begun are left. Unless told, the others go on. */
  readonly failFast?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BuildProgress) => void) | undefined;
  /** Called as each feature is done. */
  readonly onFeature?: ((event: BuildEvent) => void) | undefined;
}

export interface ValidateOptions<F extends readonly FeatureInput[]> {
  /** The features to validate, by name or as objects; all unless told. Not together with `tags`. */
  readonly features?: readonly (FeatureNames<F> | AnyFeature)[] | undefined;
  /** Validates the features that have one of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** How many features are computed at a time; what the engine is best at unless told. */
  readonly concurrency?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BuildProgress) => void) | undefined;
  /** Called as each feature is done. */
  readonly onFeature?: ((event: ValidationEvent) => void) | undefined;
}

export interface PruneOptions<F extends readonly FeatureInput[]> extends PruneLimits {
  /** The features to prune, by name or as objects; all unless told. */
  readonly features?: readonly (FeatureNames<F> | AnyFeature)[] | undefined;
}

/** As of a build. */
export interface PlanOptions<F extends readonly FeatureInput[]>
  extends Pick<BuildOptions<F>, "features" | "tags" | "version" | "force" | "signal"> {
  /** Called as each feature is planned; features may end in another order than they have. */
  readonly onFeature?: ((plan: FeaturePlan) => void) | undefined;
}

export interface DescribeSourcesOptions extends CallOptions {
  /** The sources to describe, by name; all unless told. */
  readonly sources?: readonly string[] | undefined;
}

export interface VerifyOptions {
  /** The features to look at, by name or as objects: defined ones and those that are only in the store. The whole store unless told. */
  readonly features?: readonly (string | AnyFeature)[] | undefined;
  /** Compares the sizes of data files as the store lists them, and reads none of them. */
  readonly quick?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
}

export interface SyncOptions<F extends readonly FeatureInput[]> extends SyncRequest {
  /** The features to look at, by name or as objects; all unless told. Not together with `tags`. */
  readonly features?: readonly (FeatureNames<F> | AnyFeature)[] | undefined;
  /** Looks at the features that have one of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** Called as each feature is rebuilt or has failed. */
  readonly onFeature?: ((event: SyncEvent) => void) | undefined;
}

/** The versions of a feature. */
export interface FeatureVersions extends ListedVersions {
  readonly feature: string;
  /** The version that reads and joins use unless another is asked for. */
  readonly latest: string | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface RollbackOptions extends CallOptions {
  /** The version to go back to, `X.Y.Z`. */
  readonly version?: string | undefined;
  /** Goes back to the version that was latest before the present one; done twice it returns. Instead of `version`. */
  readonly previous?: boolean | undefined;
  /** Keeps the feature there: builds publish and make nothing latest until somebody calls `release`. False unless told, which ends no hold. */
  readonly hold?: boolean | undefined;
  /** For the history; empty unless told. */
  readonly reason?: string | undefined;
  /** Only finds out what would be done. False unless told. */
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
  /** For the history; empty unless told. */
  readonly reason?: string | undefined;
}
