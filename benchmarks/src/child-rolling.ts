/**
 * Sum, mean and count of the delays of each airport's flights, every day: over 7 and 30 days, or since the beginning. Or the number of distinct
 * destinations and delays over 7 and 30 days.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { Plan, Schema } from "@mlforge/spec";
import * as v from "valibot";
import { tell } from "./job.js";
import { rollingJobSchema } from "./rolling-job.js";

const { side, windows: kind, source, folder } = v.parse(rollingJobSchema, JSON.parse(process.argv[2] ?? ""));
const file = join(folder, "data.parquet");
const windows = [7, 30];
const functions = ["sum", "mean", "count"] as const;
const distinct = ["destination", "delay"];
const byHand = { merged: tiles, lifetime: totals, unmerged: distinctValues };

const started = performance.now();
if (side === "mlforge") {
  await using engine = new DuckDBEngine();
  await engine.write(rollUp(), { url: pathToFileURL(file).href, format: "parquet" });
} else {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(`COPY (${side === "tiles" ? byHand[kind]() : buckets()}) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
  connection.closeSync();
  instance.closeSync();
}
tell({ ms: performance.now() - started, file });

function rollUp(): Plan {
  const columns: Schema = [
    { name: "origin", kind: "string", nullable: true },
    { name: "date", kind: "timestamp", nullable: true },
    { name: "delay", kind: "int64", nullable: true },
    ...(kind === "unmerged" ? [{ name: "destination", kind: "string", nullable: true } as const] : []),
  ];
  const day = 86_400_000_000n;
  const every = String(day);
  const window = (days: number): string => String(BigInt(days) * day);
  const outputs = {
    merged: windows.flatMap((days) =>
      functions.map((name) => ({ name: `${name}_${days}d`, column: "delay", function: name, every, window: window(days) })),
    ),
    lifetime: functions.map((name) => ({ name: `${name}_lifetime`, column: "delay", function: name, every })),
    unmerged: windows.flatMap((days) =>
      distinct.map((column) => ({
        name: `${column}_${days}d`,
        column,
        function: "countDistinct" as const,
        every,
        window: window(days),
      })),
    ),
  };
  const scan: Plan = { op: "scan", source: "flights", format: { kind: "parquet" }, paths: [pathToFileURL(source).href], columns };
  return {
    op: "sort",
    by: ["origin", "date"],
    input: { op: "rollingAggregate", input: scan, keys: ["origin"], timestamp: "date", outputs: outputs[kind] },
  };
}

/** What one would write by hand for the same rows. */
function tiles(): string {
  const outputs = windows.map(
    (days) => `CAST(sum(total) OVER w${days} AS BIGINT) AS sum_${days}d,
CAST(sum(total) OVER w${days} AS DOUBLE) / sum(delays) OVER w${days} AS mean_${days}d,
CAST(coalesce(sum(delays) OVER w${days}, 0) AS BIGINT) AS count_${days}d`,
  );
  const leaving = windows.map((days) => `SELECT origin, date + INTERVAL ${days} DAY AS date FROM tiles`);
  const frames = windows.map(
    (days) =>
      `w${days} AS (PARTITION BY origin ORDER BY date RANGE BETWEEN INTERVAL '${days * 86_400_000_000 - 1} microseconds' PRECEDING AND CURRENT ROW)`,
  );
  return `WITH tiles AS MATERIALIZED (
SELECT origin, date_trunc('day', date) + INTERVAL 1 DAY AS date, sum(delay) AS total, count(delay) AS delays FROM '${source}' GROUP BY ALL
), changes AS (
SELECT origin, date, any_value(total) AS total, any_value(delays) AS delays
FROM (SELECT * FROM tiles UNION ALL BY NAME ${leaving.join(" UNION ALL BY NAME ")}) GROUP BY ALL
)
SELECT origin, date, ${outputs.join(", ")} FROM changes WINDOW ${frames.join(", ")} ORDER BY origin, date`;
}

/** The same by hand since the beginning: a running sum over the days. */
function totals(): string {
  return `WITH tiles AS (
SELECT origin, date_trunc('day', date) + INTERVAL 1 DAY AS date, sum(delay) AS total, count(delay) AS delays FROM '${source}' GROUP BY ALL
)
SELECT origin, date, CAST(sum(total) OVER w AS BIGINT) AS sum_lifetime, CAST(sum(total) OVER w AS DOUBLE) / sum(delays) OVER w AS mean_lifetime,
CAST(sum(delays) OVER w AS BIGINT) AS count_lifetime
FROM tiles WINDOW w AS (PARTITION BY origin ORDER BY date) ORDER BY origin, date`;
}

/** Distinct values by hand: each event joined with every day whose window it is in. */
function distinctValues(): string {
  const windowed = windows.map((days) => {
    const counts = distinct.map((column) => `count(DISTINCT e.${column}) AS ${column}_${days}d`);
    return `d${days} AS (SELECT b.origin, b.date, ${counts.join(", ")}
FROM changes AS b LEFT JOIN events AS e ON e.origin = b.origin AND e.date >= b.date - INTERVAL ${days} DAY AND e.date < b.date
GROUP BY ALL)`;
  });
  const leaving = windows.map((days) => `SELECT origin, date + INTERVAL ${days} DAY AS date FROM days`);
  return `WITH events AS (SELECT origin, date, ${distinct.join(", ")} FROM '${source}'), days AS (
SELECT DISTINCT origin, date_trunc('day', date) + INTERVAL 1 DAY AS date FROM events
), changes AS (SELECT * FROM days UNION ${leaving.join(" UNION ")}), ${windowed.join(", ")}
SELECT * FROM d7 JOIN d30 USING (origin, date) ORDER BY origin, date`;
}

/** The query that mlforge 0.7 for Python generates: other rows, and the events of a day after each. */
function buckets(): string {
  const windowed = windows.map((days) => {
    const aggregates = functions.map((name) => `${name === "mean" ? "avg" : name}(e.delay) AS ${name}_${days}d`);
    return `d${days} AS (SELECT b.origin, b.date, ${aggregates.join(", ")}
FROM buckets AS b LEFT JOIN events AS e
ON e.origin = b.origin AND e.date > b.date - INTERVAL ${days} DAY AND e.date <= b.date + INTERVAL 1 DAY
GROUP BY ALL)`;
  });
  return `WITH events AS (SELECT origin, date, delay FROM '${source}'), buckets AS (
SELECT origin, unnest(generate_series(date_trunc('day', min(date)), date_trunc('day', max(date)), INTERVAL 1 DAY)) AS date FROM events GROUP BY origin
), ${windowed.join(", ")}
SELECT * FROM d7 JOIN d30 USING (origin, date) ORDER BY origin, date`;
}
