import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { type AnyFeature, count, Definitions, feature, source, t } from "@mlforge/core";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const dataset = fileURLToPath(new URL("../node_modules/vega-datasets/data/flights-3m.parquet", import.meta.url));
const engine = new DuckDBEngine();
let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-flights-"));
  path = join(folder, "flights.parquet");
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** What DuckDB says by itself, with nothing of ours between. */
async function query(sql: string): Promise<unknown[]> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}

function define(transform: "sum" | "sum of late ones" | "sum and count" | "count" | "mean and count" | "text and more"): AnyFeature {
  const flights = source({ path, columns: { origin: t.string(), delay: t.int64(), date: t.timestamp() } });
  const options = { name: "delays", source: flights, keys: ["origin"] as const };
  switch (transform) {
    case "sum":
      return feature({ ...options, transform: (rows) => rows.groupBy("origin").aggregate(({ delay }) => ({ total_delay: delay.sum() })) });
    case "sum of late ones":
      return feature({
        ...options,
        transform: (rows) =>
          rows
            .filter(({ delay }) => delay.gt(0))
            .groupBy("origin")
            .aggregate(({ delay }) => ({ total_delay: delay.sum() })),
      });
    case "sum and count":
      return feature({
        ...options,
        transform: (rows) => rows.groupBy("origin").aggregate(({ delay }) => ({ total_delay: delay.sum(), flights: count() })),
      });
    case "count":
      return feature({ ...options, transform: (rows) => rows.groupBy("origin").aggregate(() => ({ flights: count() })) });
    case "mean and count":
      return feature({
        ...options,
        transform: (rows) => rows.groupBy("origin").aggregate(({ delay }) => ({ flights: count(), mean_delay: delay.mean() })),
      });
    case "text and more":
      return feature({
        ...options,
        transform: (rows) =>
          rows.groupBy("origin").aggregate(({ delay, date }) => ({ flights: count(), mean_delay: delay.max(), last: date.max() })),
      });
  }
}

async function build(transform: Parameters<typeof define>[0]): Promise<unknown> {
  const defs = new Definitions({
    name: "flights",
    features: [define(transform)],
    offlineStore: new LocalStore(join(folder, "store")),
    engine,
  });
  const { built, skipped, failed } = await defs.build();
  if (failed[0] !== undefined) throw failed[0].error;
  const [version] = [...built, ...skipped];
  return [version?.version, built[0]?.change ?? "nothing", version?.reason];
}

describe("three million flights", () => {
  it("get the versions that their changes deserve", async () => {
    await query(`COPY (FROM '${dataset}') TO '${path}'`);
    expect(await build("sum")).toEqual(["1.0.0", "initial", "first build"]);
    expect(await build("sum")).toEqual(["1.0.0", "nothing", "nothing changed"]);
    expect(await build("sum of late ones")).toEqual(["1.1.0", "minor", "the definition changed, but its columns did not"]);
    await query(`COPY (FROM '${dataset}' LIMIT 2999999) TO '${path}'`);
    expect(await build("sum of late ones")).toEqual(["1.1.1", "patch", "the source data changed"]);
    expect(await build("sum and count")).toEqual(["1.2.0", "minor", "columns added: flights"]);
    expect(await build("count")).toEqual(["2.0.0", "major", "columns removed: total_delay"]);
    expect(await build("mean and count")).toEqual(["2.1.0", "minor", "columns added: mean_delay"]);
    expect(await build("text and more")).toEqual(["3.0.0", "major", "column types changed: mean_delay: float64 to int64, added: last"]);
  });

  it("have the total delays that DuckDB's own SQL gives, read without any library of ours", async () => {
    const file = join(folder, "store", "delays", "1.0.0", "data.parquet");
    const theirs = await query(`SELECT origin, sum(delay)::BIGINT AS total_delay FROM '${dataset}' GROUP BY origin ORDER BY origin`);
    expect(theirs.length).toBeGreaterThan(200);
    expect(await query(`FROM '${file}'`)).toEqual(theirs);
  });
});
