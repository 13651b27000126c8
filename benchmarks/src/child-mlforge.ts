/** The same as a feature. */
import { fileURLToPath } from "node:url";
// The engine would load it on its first call, within the measured time.
import "@duckdb/node-api";
import { count, Definitions, feature, source, t } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { readJob, tell } from "./job.js";

const job = readJob();
const flights = source({
  name: "flights",
  path: job.source,
  columns: {
    flight_id: t.int64(),
    date: t.timestamp(),
    delay: t.int64(),
    distance: t.int64(),
    origin: t.string(),
    destination: t.string(),
  },
  timestamp: "date",
});
const features = {
  groupBy: feature({
    name: "routes",
    source: flights,
    keys: ["origin", "destination"],
    transform: (rows) =>
      rows.groupBy("origin", "destination").aggregate(({ delay }) => ({
        flights: count(),
        total_delay: delay.sum(),
        mean_delay: delay.mean(),
        worst_delay: delay.max(),
      })),
  }),
  projection: feature({
    name: "flights",
    source: flights,
    keys: ["flight_id"],
    transform: (rows) => rows.select("flight_id", "date", "origin", "delay"),
  }),
};

const steps: Record<string, number> = {};
const started = performance.now();
const definitions = new Definitions({
  name: "benchmark",
  features: [features[job.job]],
  offlineStore: new LocalStore(job.folder),
  engine: new DuckDBEngine({ memoryLimit: job.memoryLimit }),
});
const { built, failed } = await definitions.build({
  onProgress: ({ step }) => {
    steps[step] ??= performance.now() - started;
  },
});
await definitions[Symbol.asyncDispose]();
const ms = performance.now() - started;
const [version] = built;
if (version === undefined) throw failed[0]?.error ?? new Error("nothing was built");
tell({ ms, file: fileURLToPath(version.url), steps });
