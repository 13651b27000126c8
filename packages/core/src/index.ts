export type { BuildEvent, BuildResult, FailedFeature } from "./build/build.js";
export type { BuildProgress, BuiltFeature, SkippedFeature } from "./build/context.js";
export type { Preview, PreviewOptions } from "./build/preview.js";
export { type BuildOptions, Definitions, type DefinitionsOptions, type FeatureVersions, isDefinitions } from "./definitions.js";
export type { DataFile, MetadataColumn, VersionMetadata } from "./log/metadata.js";
export type { FeatureData, ReadOptions } from "./read/read-feature.js";
export type { RowOptions, RowValue } from "./read/rows.js";
