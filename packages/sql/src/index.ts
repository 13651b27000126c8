export { compile, compileQuery } from "./compile.js";
export type { AggregateSql, Dialect, Kind, TypedSql } from "./dialect.js";
export { lowerRolling } from "./rolling/lower-rolling.js";
export type {
  Deviation,
  Events,
  LoweredRolling,
  Merge,
  RenamedColumn,
  RollingValue,
  TilePart,
  Tiles,
  WindowAggregate,
} from "./rolling/lowered-rolling.js";
export { type AggregateFunctions, aggregateNamed, aggregateOf, overOf, standardAggregates } from "./standard-aggregates.js";
export { type DialectOverrides, standardDialect } from "./standard-dialect.js";
export { callOf, named, operator, type ScalarFunctions, type ScalarSql, standardFunctions, template } from "./standard-functions.js";
