/** Writes the rows of text files or of a table as Parquet: by mlforge with all its checks, or by DuckDB or psql alone. */
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { Definitions, feature, source } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { postgres } from "@mlforge/source-postgres";
import type { NamedColumn, SourceFormat } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import * as v from "valibot";
import { type TextJob, textJobSchema } from "./text-job.js";

const job = v.parse(textJobSchema, JSON.parse(process.argv[2] ?? ""));
const types = { flight_id: "BIGINT", date: "TIMESTAMP", delay: "BIGINT", distance: "BIGINT", origin: "VARCHAR", destination: "VARCHAR" };
const columns: readonly NamedColumn[] = [
  { name: "flight_id", kind: "int64", nullable: true },
  { name: "date", kind: "timestamp", nullable: true },
  { name: "delay", kind: "int64", nullable: true },
  { name: "distance", kind: "int64", nullable: true },
  { name: "origin", kind: "string", nullable: true },
  { name: "destination", kind: "string", nullable: true },
];

mkdirSync(dirname(job.target), { recursive: true });
const started = performance.now();
const cpu = process.cpuUsage();
if (job.task === "postgres") await (job.side === "mlforge" ? fromTable(job) : psql(job));
else await (job.side === "mlforge" ? write(job) : copy(job));
const { user, system } = process.cpuUsage(cpu);
const cpuMs = (user + system) / 1e3;
console.log(JSON.stringify({ ms: performance.now() - started, cpuMs, peakBytes: process.resourceUsage().maxRSS * 1024 }));

async function write({ task, paths, target }: TextJob): Promise<void> {
  await using engine = new DuckDBEngine();
  const format: SourceFormat =
    task === "ndjson" ? { kind: "ndjson" } : { kind: "csv", ...(task === "csvGzip" ? { compression: "gzip" } : {}) };
  const files = paths.flatMap((path) => (task === "csvMany" ? readdirSync(path).map((name) => join(path, name)) : [path]));
  const urls = files.sort().map((path) => pathToFileURL(path).href);
  const declared = task === "csvInferred" ? {} : { columns };
  await engine.write(
    { op: "scan", source: "flights", format, paths: urls, ...declared },
    { url: pathToFileURL(target).href, format: "parquet" },
  );
}

async function copy({ task, paths, target }: TextJob): Promise<void> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const files = `[${paths.map((path) => `'${task === "csvMany" ? join(path, "*.csv") : path}'`).join(", ")}]`;
  const typed = `columns = {${Object.entries(types)
    .map(([name, type]) => `'${name}': '${type}'`)
    .join(", ")}}`;
  const reader =
    task === "ndjson"
      ? `read_json(${files}, format = 'newline_delimited', ${typed})`
      : task === "csvInferred"
        ? `read_csv(${files}, header = true, sample_size = -1)`
        : `read_csv(${files}, header = true, ${typed})`;
  await connection.run(`COPY (SELECT * FROM ${reader}) TO '${target}' (FORMAT parquet, COMPRESSION zstd)`);
  connection.closeSync();
  instance.closeSync();
}

async function fromTable({ paths: [url = ""], target }: TextJob): Promise<void> {
  process.env.BENCH_DATABASE_URL = url;
  const flights = source({ connector: postgres({ env: "BENCH_DATABASE_URL" }), table: "public.flights", timestamp: undefined });
  await using definitions = new Definitions({
    name: "benchmark",
    features: [feature({ name: "flights", source: flights, keys: ["flight_id"], static: true })],
    offlineStore: new LocalStore(dirname(target)),
    engine: new DuckDBEngine(),
    cache: { path: `${target}.cache` },
  });
  const { failed } = await definitions.build();
  if (failed[0] !== undefined) throw failed[0].error;
}

/** The least that reading a table takes: the text of its rows in a file. */
async function psql({ paths: [url = ""], target }: TextJob): Promise<void> {
  const child = spawn("psql", ["-X", "-q", "-d", url, "-c", "COPY flights TO STDOUT (FORMAT csv)"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  await pipeline(child.stdout, createWriteStream(target));
  if ((await ended) !== 0) throw new Error("psql failed");
}
