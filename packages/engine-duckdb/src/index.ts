export type { DuckDBEngineOptions } from "./database.js";
export { DuckDBEngine } from "./duckdb-engine.js";
