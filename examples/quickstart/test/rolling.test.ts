import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { Definitions, feature, source, t } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { afterAll, beforeAll, expect, it } from "vitest";

const dataset = fileURLToPath(new URL("../node_modules/vega-datasets/data/flights-3m.parquet", import.meta.url));
let folder: string;
let built: string;
let training: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-rolling-"));
  const flights = source({
    name: "flights",
    path: dataset,
    columns: { date: t.timestamp(), origin: t.string(), delay: t.int64() },
    timestamp: "date",
  });
  const late = feature({
    name: "late",
    source: flights,
    keys: ["origin"],
    rolling: { every: "1d", windows: ["7d", "30d"], aggregations: { delay: ["sum", "count", "min", "max", "mean", "std", "median"] } },
  });
  await using defs = new Definitions({
    name: "flights",
    features: [late],
    offlineStore: new LocalStore(join(folder, "store")),
    engine: new DuckDBEngine(),
  });
  const result = await defs.build();
  expect(result.failed).toEqual([]);
  built = fileURLToPath(result.built[0]?.url ?? "");
  const labels = join(folder, "moments.parquet");
  await query(`SELECT setseed(0.5); COPY (${moments}) TO '${labels}'`);
  const set = await defs.getTrainingData({ labels, timestamp: "now_at", features: [late] });
  training = join(folder, "train.parquet");
  expect((await set.write(training)).rows).toBe(1_000);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What DuckDB says by itself, with nothing of ours between. */
async function query(sql: string): Promise<unknown[]> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}

/** A thousand moments at random airports. */
const moments = `
  SELECT row_number() OVER () AS moment, origin, TIMESTAMP '2000-12-20' + to_seconds(CAST(random() * 86400 * 250 AS BIGINT)) AS now_at
  FROM (SELECT origin FROM '${dataset}' USING SAMPLE reservoir(1000 ROWS) REPEATABLE (7))`;

it.each([7, 30])("gives at a thousand random moments what the flights of the last %i days say", async (days) => {
  const values = ["sum", "count", "min", "max", "mean", "std", "median"].map((name) => `late__delay__${name}__1d__${days}d`);
  const wrong = await query(`
    WITH expected AS (
      SELECT moment, CAST(sum(delay) AS BIGINT) AS v0, count(delay) AS v1, min(delay) AS v2, max(delay) AS v3, avg(delay) AS v4, stddev_samp(delay) AS v5, median(delay) AS v6
      FROM '${training}' AS m LEFT JOIN '${dataset}' AS f
        ON f.origin = m.origin AND f.date < date_trunc('day', m.now_at) AND f.date >= date_trunc('day', m.now_at) - INTERVAL ${days} DAY
      GROUP BY moment
    ), found AS (SELECT moment, ${values.map((name, index) => `"${name}" AS w${index}`).join(", ")} FROM '${training}')
    SELECT * FROM expected JOIN found USING (moment)
    WHERE v0 IS DISTINCT FROM w0 OR v1 <> coalesce(w1, 0) OR v2 IS DISTINCT FROM w2 OR v3 IS DISTINCT FROM w3 OR v6 IS DISTINCT FROM w6
      OR (v4 IS NULL) <> (w4 IS NULL) OR abs(v4 - w4) > 1e-12 * abs(v4) OR (v5 IS NULL) <> (w5 IS NULL) OR abs(v5 - w5) > 1e-9 * v5`);
  expect(wrong).toEqual([]);
  const within = await query(`SELECT count(*) > 500 AS many FROM '${training}' WHERE "late__delay__sum__1d__${days}d" IS NOT NULL`);
  expect(within).toEqual([{ many: true }]);
});

it("keeps the labels in their order", async () => {
  const rows = await query(
    `SELECT count(*) AS n FROM (SELECT moment, row_number() OVER () AS place FROM '${training}') WHERE moment <> place`,
  );
  expect(rows).toEqual([{ n: "0" }]);
});

it("decays to a count of 0 and nulls when an airport falls silent", async () => {
  const rows = await query(`
    SELECT DISTINCT late__delay__count__1d__30d AS n, late__delay__sum__1d__30d AS total, late__delay__median__1d__30d AS middle
    FROM (SELECT *, row_number() OVER (PARTITION BY origin ORDER BY date DESC) AS back FROM '${built}') WHERE back = 1`);
  expect(rows).toEqual([{ n: "0", total: null, middle: null }]);
});
