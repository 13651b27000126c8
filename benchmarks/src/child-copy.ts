/** What one would write by hand, with nothing but DuckDB. */
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { readJob, tell } from "./job.js";

const job = readJob();
const file = join(job.folder, "data.parquet");
const selects = {
  groupBy: `SELECT origin, destination, count(*) AS flights, sum(delay)::BIGINT AS total_delay, avg(delay) AS mean_delay, max(delay) AS worst_delay
FROM '${job.source}' GROUP BY origin, destination ORDER BY origin, destination`,
  projection: `SELECT flight_id, date, origin, delay FROM '${job.source}' ORDER BY flight_id, date`,
};

const started = performance.now();
const instance = await DuckDBInstance.create(":memory:", {
  temp_directory: join(job.folder, "spilled"),
  ...(job.memoryLimit === undefined ? {} : { memory_limit: job.memoryLimit }),
});
const connection = await instance.connect();
await connection.run(`COPY (${selects[job.job]}) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
connection.closeSync();
instance.closeSync();
tell({ ms: performance.now() - started, file });
