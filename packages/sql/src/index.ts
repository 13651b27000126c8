export { compile, compileQuery } from "./compile.js";
export type { AggregateSql, Dialect, Kind, TypedSql } from "./dialect.js";
export { duckdb } from "./duckdb.js";
export { canonicalType, type NativeType, nativeType } from "./duckdb-native-type.js";
export { inexactValue, isParquetScan, type ParquetPart, type ParquetScan, parquetReader, parquetValue } from "./duckdb-parquet.js";
export { toUtc } from "./duckdb-zone.js";
