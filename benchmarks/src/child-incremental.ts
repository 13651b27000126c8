/** Builds one feature over files of a month each, divided into months or not. */
import { join } from "node:path";
import { type AnyFeature, Definitions, feature, source, t } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import * as v from "valibot";
import { type IncrementalDone, incrementalJobSchema } from "./incremental-job.js";

const { kind, divided, source: path, folder } = v.parse(incrementalJobSchema, JSON.parse(process.argv[2] ?? ""));
const events = source({
  name: "events",
  path,
  columns: { id: t.int64(), user: t.int64(), at: t.timestamp(), amount: t.int64() },
  timestamp: "at",
});
const partition = divided ? ({ partition: "month" } as const) : {};
const features: Readonly<Record<typeof kind, AnyFeature>> = {
  rolling: rolling(),
  projection: feature({
    name: "projection",
    source: events,
    keys: ["id"],
    transform: (rows) => rows.derive(({ amount }) => ({ cents: amount.times(100) })).select("id", "at", "cents"),
    ...partition,
  }),
};
await using definitions = new Definitions({
  name: "benchmark",
  features: [features[kind]],
  offlineStore: new LocalStore(join(folder, "store")),
  engine: new DuckDBEngine(),
  cache: { path: join(folder, "cache") },
});
const cpu = process.cpuUsage();
const started = performance.now();
const { built, failed } = await definitions.build();
const ms = performance.now() - started;
const { user, system } = process.cpuUsage(cpu);
if (failed[0] !== undefined) throw failed[0].error;
const [version] = built;
const done: IncrementalDone = {
  ms,
  cpuMs: (user + system) / 1000,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  version: version === undefined ? null : join(folder, "store", version.feature, version.version),
  bytes: version?.bytes ?? 0,
  newBytes: version?.periods?.newBytes ?? version?.bytes ?? 0,
  computed: version?.periods?.computed ?? 0,
  kept: version?.periods?.kept ?? 0,
};
console.log(JSON.stringify(done));

function rolling() {
  return feature({
    name: "rolling",
    source: events,
    keys: ["user"],
    rolling: { every: "1d", windows: ["7d", "30d"], aggregations: { amount: ["sum", "count"] } },
    ...partition,
  });
}
