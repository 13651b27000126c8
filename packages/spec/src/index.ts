export { cutRange } from "./byte-range.js";
export { causeOf } from "./cause-of.js";
export {
  type CellOf,
  type CellValue,
  type Column,
  type ColumnKind,
  type Columns,
  columnKinds,
  type NamedColumn,
  type NestedKind,
  type Row,
  type ScalarKind,
  type Schema,
  type ValueIn,
  type ValueOf,
  type VectorElement,
} from "./column.js";
export { columnsIn } from "./columns-in.js";
export type {
  Connector,
  ConnectorOptions,
  ConnectorQuery,
  DescribeRequest,
  QueryDescription,
  QueryRows,
  ReadRequest,
  ReadRowsOptions,
  RequestedColumn,
  RowsFingerprint,
} from "./connector.js";
export type {
  Description,
  Engine,
  EngineCapabilities,
  EngineOptions,
  EngineProgress,
  WriteResult,
  WriteTarget,
  WrittenFile,
} from "./engine.js";
export {
  type DefinitionIssue,
  type ErrorCode,
  type ErrorDetails,
  type ExampleRow,
  isMlforgeError,
  MlforgeError,
} from "./errors.js";
export {
  type AggregateCall,
  type AggregateFunction,
  aggregateFunctions,
  type Call,
  type Cast,
  type ColumnReference,
  type Conditional,
  type Expression,
  type Literal,
  type ScalarFunction,
  scalarFunctions,
} from "./expression.js";
export { call, column, literal, rollingCall } from "./expressions.js";
export type { DecodeOptions, Format, RandomAccessFile } from "./format.js";
export type { Leftover, LeftoverKind } from "./leftover.js";
export { mapInputs, mapScans } from "./map-inputs.js";
export { nearest, suggest } from "./nearest.js";
export { type PartialAggregate, type PartName, partialAggregates, rollingParts } from "./partial-aggregates.js";
export { nullPartition, partitionKinds, partitionPattern } from "./partition.js";
export {
  type Aggregate,
  type AsOfJoin,
  type CsvFormat,
  checksumColumn,
  checksumRowsColumn,
  type Distinct,
  type FileLayout,
  type Filter,
  type Join,
  type KeyViolations,
  type Limit,
  type NdjsonFormat,
  type NumberRows,
  type Plan,
  type Project,
  type RollingAggregate,
  type RollingFunction,
  type RollingOutput,
  type RowChecksums,
  rollingFunctions,
  type Scan,
  type ScanQuery,
  type Sequence,
  type SequenceOutput,
  type Sessions,
  type Sort,
  type SourceFormat,
  type Sql,
  type TextCompression,
  type TextEncoding,
  type TextFileFormat,
  type TiledFunction,
  textCompressions,
  textEncodings,
  tiledFunctions,
  type Union,
  type Values,
  violationColumn,
  violationRowsColumn,
  type Zip,
} from "./plan.js";
export { escapeControls, withoutCredentials } from "./printable.js";
export type { RuleName, RuleResult, RuleSeverity } from "./rule-result.js";
export { schemaOf } from "./schema-of.js";
export type {
  ByteRange,
  CallOptions,
  CopyOptions,
  GetOptions,
  GetResult,
  ListEntry,
  ListOptions,
  ObjectInfo,
  PermissionCheck,
  PutBody,
  PutCondition,
  PutOptions,
  Remote,
  StagingFolder,
  Store,
  StoreCapabilities,
  StoredObject,
} from "./store.js";
export { checkStoreKey, checkStorePrefix, compareStoreKeys } from "./store-key.js";
export { type StoreRetry, storeRetryChannel } from "./store-retry.js";
export {
  encodingOf,
  isoPattern,
  isZoned,
  knownTimeEncodings,
  type TimeEncoding,
  type TimeUnit,
  timePattern,
  timeUnits,
  zonePattern,
} from "./time-encoding.js";
export { findColumn, typeOf, typeOfAggregate } from "./type-of.js";
export { columnTypeOf, elementOf, fieldsOf, isNested, isOrdered, isSameType, type Kind, kindOf, typeText, vectorOf } from "./type-text.js";
