import { existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { runChild } from "./run-child.js";

const keys = 100_000;
const firstTimestamp = "TIMESTAMP '2024-01-01'";
const spanMillis = 365 * 86_400_000;
const spanMicros = spanMillis * 1_000;

/** A file of so many labels: a key and a timestamp each, in no order. The timestamps have milliseconds, since those of objects have no more. */
export function labelsFile(rows: number, format: "parquet" | "csv" | "ndjson" = "parquet"): Promise<string> {
  return made(
    `labels-ms-${rows}.${format}`,
    `SELECT CAST(hash(i) % ${keys} AS BIGINT) AS k, ${firstTimestamp} + to_milliseconds(CAST(hash(i + ${rows}) % ${spanMillis} AS BIGINT)) AS t FROM range(${rows}) AS r(i)`,
    format,
  );
}

/** A file of a feature with so many rows, sorted by key and time; its value is in the column `v0` and so on. */
export function featureFile(feature: number, rows: number): Promise<string> {
  const each = Math.ceil(rows / keys);
  const step = Math.floor(spanMicros / each);
  return made(
    featureName(feature, rows),
    `SELECT i // ${each} AS k, ${firstTimestamp} + to_microseconds((i % ${each}) * ${step} + CAST(hash(i + ${feature}) % ${step} AS BIGINT)) AS known,
CAST(hash(i * 31 + ${feature}) % 1000000 AS DOUBLE) / 4 AS v${feature}
FROM range(${rows}) AS r(i) ORDER BY k, known`,
  );
}

function featureName(feature: number, rows: number): string {
  return `feature-${feature}-${rows}.parquet`;
}

/** Where {@link featureFile} makes it. */
export function featurePath(feature: number, rows: number): string {
  return cached(featureName(feature, rows));
}

function cached(name: string): string {
  return fileURLToPath(new URL(`../.cache/${name}`, import.meta.url));
}

const written = { parquet: "FORMAT parquet, COMPRESSION zstd", csv: "FORMAT csv, HEADER", ndjson: "FORMAT json" } as const;

async function made(name: string, select: string, format: keyof typeof written = "parquet"): Promise<string> {
  const path = cached(name);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await runChild("sql", { statement: `COPY (\n${select}\n) TO '${unfinished}' (${written[format]})` });
  renameSync(unfinished, path);
  return path;
}
