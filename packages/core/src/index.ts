export { type ErrorCode, type ErrorDetails, isMlforgeError, type MlforgeError } from "@mlforge/spec";
export type { BuildEvent, BuildResult } from "./build/build.js";
export type { FeaturePlan, PlannedFeature, UnplannedFeature } from "./build/plan-feature.js";
export type { BuildPlan } from "./build/plan-features.js";
export type { Preview, PreviewOptions } from "./build/preview.js";
export type { ValidatedFeature, ValidationEvent, ValidationReport } from "./build/validate.js";
export type { BuiltFeature, BuiltPeriods, SkippedFeature } from "./compute/built-feature.js";
export type { FailedFeature } from "./compute/failed-feature.js";
export type { PlannedPeriods } from "./compute/plan-periods.js";
export type { BuildProgress } from "./compute/stopwatch.js";
export { explainRule } from "./compute/validation-error.js";
export type { AggregatedNumber } from "./define/aggregated-number.js";
export type { AnyFeature, Feature, RowOf, Transform } from "./define/any-feature.js";
export type { AsOfOptions } from "./define/as-of-join.js";
export { type BatchesOptions, type BatchesTransform, batches, type RunBatches } from "./define/batches-transform.js";
export type { BooleanExpr } from "./define/boolean-expr.js";
export type { ColumnOptions } from "./define/column-options.js";
export { type ColumnTypes, t } from "./define/column-types.js";
export { count } from "./define/count.js";
export type { Duration } from "./define/duration.js";
export { type AnyEntity, type Entity, type EntityOptions, entity, type Surrogate, type SurrogateEntityOptions } from "./define/entity.js";
export type { Expr, RowExprs } from "./define/expr.js";
export type { FeatureInput, FeatureModule, FeatureNamed, FeatureNames, FeaturesOf } from "./define/features-of.js";
export { greatest, least } from "./define/least-greatest.js";
export { literal } from "./define/literal.js";
export type { NumericExpr } from "./define/numeric-expr.js";
export type { Partition } from "./define/partition.js";
export type { From, Grouped, PivotOptions, Relation, RollingWindows, Rows, Timeless } from "./define/relation.js";
export type { NamedAggregation, Rolling, RollingInput, WindowLength } from "./define/rolling.js";
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
export type { SequenceColumn, SequenceOptions } from "./define/sequence.js";
export type { SessionOptions } from "./define/sessions.js";
export { type AnySource, type FileOptions, type Source, type SourceOptions, type SourceRowOptions, source } from "./define/source.js";
export type { QueryOptions, SourceQuery } from "./define/source-query.js";
export { type SqlOptions, type SqlTransform, sql } from "./define/sql-transform.js";
export type { StringExpr } from "./define/string-expr.js";
export { type SurrogateValue, surrogateKey } from "./define/surrogate-key.js";
export type { DateExpr, TemporalExpr, TimestampExpr } from "./define/temporal-expr.js";
export type { TimestampOptions } from "./define/time-encoding.js";
export type { TimelessStep } from "./define/times.js";
export type { MlforgeTypeError } from "./define/type-error.js";
export { typeOfText } from "./define/type-of-text.js";
export type { Aggregated, Operand, Typed } from "./define/typed.js";
export type { Validator, ValidatorFor, ValidatorOptions, Validators } from "./define/validator.js";
export { type When, when } from "./define/when.js";
export type { WhereOptions } from "./define/where.js";
export { Definitions, isDefinitions } from "./definitions/definitions.js";
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
} from "./definitions/definitions-options.js";
export type { EngineReport } from "./diagnose/check-engine.js";
export type { JobReport, StoreJob, StoreReport } from "./diagnose/check-store.js";
export type { FailedSource, SourceReport } from "./diagnose/describe-sources.js";
export type { ColumnDifference, DescribedSource, SourceColumn } from "./diagnose/described-source.js";
export type { ColumnDiff, ColumnProfile, NumberProfile } from "./diff/column-diff.js";
export type { DataDiff, DiffProgress, RowChanges } from "./diff/data-diff.js";
export type { DiffOptions, VersionDiff } from "./diff/diff-versions.js";
export type { EnvironmentDescription } from "./environment/describe-environment.js";
export type { Environment } from "./environment/environment.js";
export { type EnvironmentOptions, type Profiles, profileVariable } from "./environment/profiles.js";
export { requireEnv } from "./environment/require-env.js";
export { type FeatureOptions, feature } from "./features/feature.js";
export type { ClockReport } from "./log/check-clock.js";
export type { FeatureHistory } from "./log/history.js";
export type { DataFile, MetadataColumn, MetadataInput, MetadataRule, VersionMetadata } from "./log/metadata.js";
export type { Move } from "./log/pointer.js";
export type { PrunedFeature } from "./log/prune.js";
export type { KeepReason, Kept, Removal, RemovalReason } from "./log/prune-plan.js";
export type { Release } from "./log/release.js";
export type { Rollback } from "./log/rollback.js";
export type { BrokenVersion, ListedVersions } from "./log/versions.js";
export type { ManifestFault, ManifestFeature, ManifestVersion, StoreManifest } from "./manifest/manifest.js";
export type { PruneLimits, PruneProgress, PruneResult } from "./prune/prune-features.js";
export type { PrunedLeftover } from "./prune/prune-leftovers.js";
export type { LineDiff } from "./read/line-diff.js";
export { parseLock, type TrainingLock } from "./read/lock.js";
export type { FeatureData, ReadOptions } from "./read/read-feature.js";
export { findLocks, readLock } from "./read/read-lock.js";
export type { RowOptions, RowValue } from "./read/rows.js";
export type { ColumnChanges, Difference, RuleChanges, VersionDifferences } from "./read/version-differences.js";
export { explainOmitted, type OmittedColumn } from "./resolve/omitted-columns.js";
export { type ParquetColumns, parquetColumns } from "./sources/parquet-columns.js";
export { type TextColumns, type TextColumnsOptions, textColumns } from "./sources/text-columns.js";
export type { SyncedFeature } from "./sync/rebuild.js";
export type { MissingVersion, SyncEvent, SyncResult } from "./sync/sync.js";
export type { TrainingWarning } from "./train/check-training.js";
export type { ExplainOptions, FeatureExplanation, KnownRow, RowExplanation } from "./train/explain-row.js";
export type { FeatureChoice, FeatureSelection, TrainingRow } from "./train/feature-choice.js";
export type { LabelRow } from "./train/label-rows.js";
export type { LabelRowOf, Labels } from "./train/labels.js";
export type { TrainingProgress, TrainingReadOptions } from "./train/result-plan.js";
export type { TrainingData } from "./train/training-data.js";
export type { LockedTrainingOptions, TrainingDataOptions } from "./train/training-set.js";
export type { NoteKind, ProblemKind, StoreNote, StoreProblem, VerifyProgress, VerifyReport } from "./verify/report.js";
