export { compile, compileQuery } from "./compile.js";
export type { AggregateSql, Dialect, Kind, TypedSql } from "./dialect.js";
