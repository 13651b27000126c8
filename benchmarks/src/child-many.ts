/** Totals of the delays above some minutes, of airports and of routes: twelve features over one source. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { Definitions, feature, source, t } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import * as v from "valibot";
import { keysOf, manyFeatures, manyJobSchema } from "./many-job.js";

const { side, source: path, folder } = v.parse(manyJobSchema, JSON.parse(process.argv[2] ?? ""));
const numbers = Array.from({ length: manyFeatures }, (_, index) => index);

const started = performance.now();
const files = side === "sql" ? await copies() : await builds(side === "builds");
console.log(JSON.stringify({ ms: performance.now() - started, peakBytes: process.resourceUsage().maxRSS * 1024, files }));

async function builds(isApart: boolean): Promise<readonly string[]> {
  const flights = source({
    name: "flights",
    path,
    columns: { delay: t.int64(), distance: t.int64(), origin: t.string(), destination: t.string() },
  });
  const features = numbers.map((index) =>
    feature({
      name: `totals_${index}`,
      source: flights,
      keys: keysOf(index),
      transform: (rows) =>
        rows
          .filter(({ delay }) => delay.gt(index))
          .groupBy(...keysOf(index))
          .aggregate(({ delay, distance }) => ({ delay: delay.sum(), distance: distance.max() })),
    }),
  );
  await using definitions = new Definitions({
    name: "benchmark",
    features,
    offlineStore: new LocalStore(folder),
    engine: new DuckDBEngine(),
  });
  const results = isApart ? [] : [await definitions.build()];
  if (isApart) for (const each of features) results.push(await definitions.build({ features: [each] }));
  for (const { failed } of results) if (failed[0] !== undefined) throw failed[0].error;
  return results.flatMap(({ built }) => built.map(({ url }) => fileURLToPath(url)));
}

/** What one would write by hand: text is read into a table once, Parquet by each query. */
async function copies(): Promise<readonly string[]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const isText = path.endsWith(".csv");
  if (isText) await connection.run(`CREATE TEMP TABLE flights AS SELECT delay, distance, origin, destination FROM '${path}'`);
  const written: string[] = [];
  for (const index of numbers) {
    const file = join(folder, `totals_${index}.parquet`);
    const keys = keysOf(index).join(", ");
    await connection.run(`COPY (
SELECT ${keys}, sum(delay)::BIGINT AS delay, max(distance) AS distance FROM ${isText ? "flights" : `'${path}'`} WHERE delay > ${index} GROUP BY ALL ORDER BY ${keys}
) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
    written.push(file);
  }
  connection.closeSync();
  instance.closeSync();
  return written;
}
