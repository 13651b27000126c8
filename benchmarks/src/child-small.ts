/** Builds many features over small sources, five on each. */
import { join } from "node:path";
import { Definitions, feature, source, t } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import * as v from "valibot";
import { featuresOfSource, smallJobSchema } from "./small-job.js";

const { features: count, sources, place } = v.parse(smallJobSchema, JSON.parse(process.argv[2] ?? ""));
const tables = Array.from({ length: Math.ceil(count / featuresOfSource) }, (_, index) =>
  source({ name: `s${index}`, path: join(sources, `s${index}.parquet`), columns: { id: t.int64(), at: t.timestamp(), x: t.float64() } }),
);
const features = tables.flatMap((table, first) =>
  Array.from({ length: featuresOfSource }, (_, index) =>
    feature({
      name: `f${first * featuresOfSource + index}`,
      source: table,
      keys: ["id"],
      transform: (rows) =>
        rows
          .filter(({ x }) => x.gt(index / 10))
          .groupBy("id")
          .aggregate(({ x, at }) => ({ total: x.sum(), newest: at.max() })),
    }),
  ),
);

const cpu = process.cpuUsage();
const started = performance.now();
await using definitions = new Definitions({
  name: "benchmark",
  features: features.slice(0, count),
  offlineStore: new LocalStore(join(place, "store")),
  engine: new DuckDBEngine(),
  cache: { path: join(place, "cache") },
});
const { built, skipped, failed } = await definitions.build();
if (failed[0] !== undefined) throw failed[0].error;
const { user, system } = process.cpuUsage(cpu);
const done = { ms: performance.now() - started, cpuMs: (user + system) / 1000, built: built.length, skipped: skipped.length };
console.log(JSON.stringify(done));
