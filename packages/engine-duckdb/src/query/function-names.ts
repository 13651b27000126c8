/**
 * The functions that a query must not call without `volatile: true`: they return something else on another day, or in another run.
 *
 * `approx_quantile`, `approx_top_k`, and `reservoir_quantile` combine the estimates of threads in the order in which the threads finish.
 * `SUMMARIZE` calls `approx_quantile`. `approx_count_distinct` gives the same estimate in any order.
 *
 * DuckDB reports `current_localtime`, `current_localtimestamp`, and `age` as consistent, and says nothing about macros.
 */
export const volatileFunctions: ReadonlySet<string> = new Set([
  "ago",
  "approx_quantile",
  "approx_top_k",
  "current_connection_id",
  "current_date",
  "current_localtime",
  "current_localtimestamp",
  "current_query_id",
  "current_transaction_id",
  "gen_random_uuid",
  "get_current_time",
  "get_current_timestamp",
  "now",
  "pg_conf_load_time",
  "pg_postmaster_start_time",
  "random",
  "reservoir_quantile",
  "summarize",
  "today",
  "transaction_timestamp",
  "txid_current",
  "uuid",
  "uuidv4",
  "uuidv7",
]);

/** The names that DuckDB reads as the current time if no column has them. */
export const volatileColumns: ReadonlySet<string> = new Set([
  "current_date",
  "current_time",
  "current_timestamp",
  "localtime",
  "localtimestamp",
]);

/** The functions that no query may call: they read or change files, settings, the catalog, or the state of the engine. */
export const outsideFunctions: ReadonlySet<string> = new Set([
  "current_query",
  "current_setting",
  "currval",
  "format_type",
  "get_block_size",
  "getvariable",
  "json_serialize_plan",
  "nextval",
  "pg_get_constraintdef",
  "pg_get_viewdef",
  "pg_sleep",
  "setseed",
  "sleep_ms",
  "stats",
  "vector_type",
  "version",
  "write_log",
]);

/** The table functions that a query may call: they read nothing but their arguments. */
export const tableFunctions: ReadonlySet<string> = new Set([
  "generate_series",
  "json_each",
  "json_tree",
  "range",
  "repeat",
  "repeat_row",
  "unnest",
]);
