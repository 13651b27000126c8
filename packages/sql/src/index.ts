export { compile, compileQuery } from "./compile.js";
export type { AggregateSql, Dialect, Kind, TypedSql } from "./dialect.js";
export { duckdb } from "./duckdb.js";
export { canonicalType, hasMap, type NativeType, nativeType } from "./duckdb-native-type.js";
