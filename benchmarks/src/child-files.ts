/** Groups the rows of many small files: a build of ours, or the same by hand. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { Definitions, feature, source, t } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import * as v from "valibot";
import { filesJobSchema } from "./files-job.js";

const { side, source: path, folder } = v.parse(filesJobSchema, JSON.parse(process.argv[2] ?? ""));
const cpu = process.cpuUsage();
const started = performance.now();
const file = await (side === "mlforge" ? build() : copy());
const { user, system } = process.cpuUsage(cpu);
const cpuMs = (user + system) / 1000;
console.log(JSON.stringify({ ms: performance.now() - started, cpuMs, peakBytes: process.resourceUsage().maxRSS * 1024, file }));

async function build(): Promise<string> {
  const events = source({ name: "events", path, columns: { id: t.int64(), at: t.timestamp(), x: t.float64() } });
  const totals = feature({
    name: "totals",
    source: events,
    keys: ["id"],
    transform: (rows) => rows.groupBy("id").aggregate(({ x, at }) => ({ largest: x.max(), newest: at.max() })),
  });
  await using definitions = new Definitions({
    name: "benchmark",
    features: [totals],
    offlineStore: new LocalStore(join(folder, "store")),
    engine: new DuckDBEngine(),
    cache: { path: join(folder, "cache") },
  });
  const { built, failed } = await definitions.build();
  if (built[0] === undefined) throw failed[0]?.error ?? new Error("nothing was built");
  return fileURLToPath(built[0].url);
}

async function copy(): Promise<string> {
  const output = join(folder, "data.parquet");
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(`COPY (
SELECT id, max(x) AS largest, max("at") AS newest FROM read_parquet('${path}') GROUP BY id ORDER BY id
) TO '${output}' (FORMAT parquet, COMPRESSION zstd)`);
  connection.closeSync();
  instance.closeSync();
  return output;
}
