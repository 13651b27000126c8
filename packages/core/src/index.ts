export { type ErrorCode, type ErrorDetails, isMlforgeError, type MlforgeError } from "@mlforge/spec";
export type { BuildEvent, BuildResult } from "./build/build.js";
export type { BuildProgress, BuiltFeature, SkippedFeature } from "./build/context.js";
export type { FailedFeature } from "./build/failed-feature.js";
export { explainOmitted, type OmittedColumn } from "./build/omitted-columns.js";
export type { Preview, PreviewOptions } from "./build/preview.js";
export type { ValidatedFeature, ValidationEvent, ValidationReport } from "./build/validate.js";
export { explainRule } from "./build/validation-error.js";
export type { AsOfOptions } from "./define/as-of-join.js";
export { type BatchesOptions, type BatchesTransform, batches, type RunBatches } from "./define/batches-transform.js";
export type { BooleanExpr } from "./define/boolean-expr.js";
export { type ColumnOptions, type ColumnTypes, t } from "./define/column-types.js";
export { count } from "./define/count.js";
export type { Duration } from "./define/duration.js";
export { type AnyEntity, type Entity, type EntityOptions, entity, type Surrogate, type SurrogateEntityOptions } from "./define/entity.js";
export type { Expr, RowExprs } from "./define/expr.js";
export {
  type AnyFeature,
  type Feature,
  type FeatureOptions,
  feature,
  type MisfitWindows,
  type RowOf,
  type Transform,
} from "./define/feature.js";
export type { FeatureInput, FeatureModule, FeatureNamed, FeatureNames, FeaturesOf } from "./define/features-of.js";
export { greatest, least } from "./define/least-greatest.js";
export { literal } from "./define/literal.js";
export type { NumericExpr } from "./define/numeric-expr.js";
export type { From, Grouped, Relation, Timeless } from "./define/relation.js";
export type { Rolling, RollingInput } from "./define/rolling.js";
export {
  check,
  greaterThan,
  greaterThanOrEqual,
  inRange,
  isIn,
  lessThan,
  lessThanOrEqual,
  matchesRegex,
  notNull,
  rowCount,
  unique,
} from "./define/rules.js";
export { type AnySource, type FileOptions, type Source, type SourceOptions, type SourceRowOptions, source } from "./define/source.js";
export type { QueryOptions, SourceQuery } from "./define/source-query.js";
export { type SqlOptions, type SqlTransform, sql } from "./define/sql-transform.js";
export type { StringExpr } from "./define/string-expr.js";
export { type SurrogateValue, surrogateKey } from "./define/surrogate-key.js";
export type { DateExpr, TemporalExpr, TimestampExpr } from "./define/temporal-expr.js";
export type { TimestampOptions } from "./define/time-encoding.js";
export type { TimelessStep } from "./define/times.js";
export { typeOfText } from "./define/type-of-text.js";
export type { Aggregated, Operand, Typed } from "./define/typed.js";
export type { Validator, ValidatorFor, ValidatorOptions, Validators } from "./define/validator.js";
export { type When, when } from "./define/when.js";
export { Definitions, isDefinitions } from "./definitions.js";
export type {
  BuildOptions,
  DefinitionsOptions,
  DescribeSourcesOptions,
  FeatureVersions,
  PlanOptions,
  PruneOptions,
  ReleaseOptions,
  RollbackOptions,
  SyncOptions,
  ValidateOptions,
  VerifyOptions,
} from "./definitions-options.js";
export type { ClockReport } from "./diagnose/check-clock.js";
export type { EngineReport } from "./diagnose/check-engine.js";
export type { JobReport, StoreJob, StoreReport } from "./diagnose/check-store.js";
export type { ColumnDifference, DescribedSource, FailedSource, SourceColumn, SourceReport } from "./diagnose/describe-sources.js";
export type { ColumnDiff, ColumnProfile, NumberProfile } from "./diff/column-diff.js";
export type { DataDiff, DiffProgress, RowChanges } from "./diff/data-diff.js";
export type { DiffOptions, VersionDiff } from "./diff/diff-versions.js";
export type { LineDiff } from "./diff/line-diff.js";
export type { ColumnChanges, Difference, RuleChanges, VersionDifferences } from "./diff/version-differences.js";
export type { FeatureHistory } from "./log/history.js";
export type { DataFile, MetadataColumn, MetadataRule, VersionMetadata } from "./log/metadata.js";
export type { Move } from "./log/pointer.js";
export type { PrunedFeature } from "./log/prune.js";
export type { KeepReason, Kept, Removal, RemovalReason } from "./log/prune-plan.js";
export type { Release } from "./log/release.js";
export type { Rollback } from "./log/rollback.js";
export type { BrokenVersion, ListedVersions } from "./log/versions.js";
export type { ManifestFault, ManifestFeature, ManifestVersion, StoreManifest } from "./manifest/manifest.js";
export type { FeaturePlan, PlannedFeature, UnplannedFeature } from "./plan/plan-feature.js";
export type { BuildPlan } from "./plan/plan-features.js";
export type { PlaceDescription } from "./profile/describe-place.js";
export type { Place } from "./profile/place.js";
export { type PlaceOptions, type Profiles, profileVariable } from "./profile/profiles.js";
export { requireEnv } from "./profile/require-env.js";
export type { PruneLimits, PruneProgress, PruneResult } from "./prune/prune-features.js";
export { type ParquetColumns, parquetColumns } from "./read/parquet-columns.js";
export type { FeatureData, ReadOptions } from "./read/read-feature.js";
export type { RowOptions, RowValue } from "./read/rows.js";
export type { SyncedFeature } from "./sync/rebuild.js";
export type { MissingVersion, SyncEvent, SyncResult } from "./sync/sync.js";
export type { TrainingWarning } from "./train/check-training.js";
export type { ExplainOptions, FeatureExplanation, KnownRow, RowExplanation } from "./train/explain-row.js";
export type { FeatureChoice, FeatureSelection, TrainingRow } from "./train/feature-choice.js";
export type { LabelRow } from "./train/label-rows.js";
export type { LabelRowOf, Labels } from "./train/labels.js";
export { parseLock, type TrainingLock } from "./train/lock.js";
export { findLocks, readLock } from "./train/read-lock.js";
export type { TrainingProgress, TrainingReadOptions } from "./train/result-plan.js";
export type { TrainingData } from "./train/training-data.js";
export type { LockedTrainingOptions, TrainingDataOptions } from "./train/training-set.js";
export type { NoteKind, ProblemKind, StoreNote, StoreProblem, VerifyProgress, VerifyReport } from "./verify/report.js";
