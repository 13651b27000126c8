import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { ParquetFormat } from "@mlforge/format-parquet";
import { S3Store } from "@mlforge/store-s3";
import { describeWith } from "@mlforge/test-servers";
import { afterAll, describe, expect, it } from "vitest";
import { batches, Definitions, feature, source, sql, t } from "../../src/index.js";
import { openBucket } from "../s3/bucket.js";
import { collect } from "../train/collect.js";
import { Layers } from "./project.js";

const engine = new DuckDBEngine({ threads: 1 });
afterAll(() => engine[Symbol.asyncDispose]());

describeWith("moto", "features over features in S3", () => {
  it("have the rows that they have in a folder, also from another machine's store", async () => {
    await using bucket = await openBucket();
    await using local = await Layers.create();
    await using remote = await Layers.create(new S3Store({ ...bucket.options, prefix: "layers" }));
    for (const more of [[], ["b,2024-01-05T06:00:00Z,50"]]) {
      for (const layers of [local, remote]) {
        await layers.write(...more);
        expect((await layers.definitions(engine).build()).failed).toEqual([]);
      }
      for (const name of ["both", "largest"] as const) {
        const expected = await collect((await local.definitions(engine).readFeature(name)).rows());
        expect(await collect((await remote.definitions(engine).readFeature(name)).rows())).toEqual(expected);
      }
    }
    const { metadata } = await remote.definitions(engine).readFeature("both");
    expect(metadata.inputs).toMatchObject([
      { feature: "doubled", version: "1.0.1" },
      { feature: "largest", version: "1.0.1" },
    ]);
  });
});

describe("features over features", () => {
  it("are rebuilt by a sync after the data of those that they read, byte for byte", async () => {
    await using layers = await Layers.create();
    const defs = layers.definitions(engine);
    await defs.build();
    const dataOf = (name: string): string => join(layers.folder, "store", name, "1.0.0", "data.parquet");
    for (const { name } of defs.features) await rm(dataOf(name));
    expect((await defs.build()).skipped.map(({ reason }) => reason)).toEqual(
      Array(4).fill(expect.stringContaining("its data is missing here")),
    );
    const { synced, failed } = await defs.sync();
    expect(failed).toEqual([]);
    expect(synced.map(({ feature: name }) => name).sort()).toEqual(["both", "daily", "doubled", "largest"]);
    expect((await defs.store.verify()).problems).toEqual([]);
    await rm(dataOf("both"));
    await rm(dataOf("doubled"));
    await layers.definitions(engine).build({ features: ["daily"], force: true });
    expect((await defs.sync()).failed.map(({ feature: name, error }) => [name, error.code])).toEqual([
      ["doubled", "SYNC_MISMATCH"],
      ["both", "UPSTREAM_FAILED"],
    ]);
    const forced = await defs.sync({ force: true });
    expect(forced.failed).toEqual([]);
    expect(forced.published.map(({ feature: name, version }) => `${name} ${version}`)).toEqual(["both 1.0.1", "doubled 1.0.1"]);
  });

  it("can be queries, and functions over batches without an engine", async () => {
    await using layers = await Layers.create();
    const { daily } = layers.features();
    const keys = ["user"] as const;
    const columns = { user: t.string(), days: t.int64() };
    const query = sql({ query: "SELECT user, count(amount) AS days FROM daily GROUP BY user", columns, inputs: { daily } });
    const queried = feature({ name: "queried", source: daily, keys, transform: query, static: true });
    const first = new Definitions({ name: "first", features: [daily, queried], offlineStore: layers.store, engine });
    expect((await first.build()).failed).toEqual([]);
    expect(await collect((await first.readFeature("queried")).rows())).toEqual([
      { user: "a", days: 2 },
      { user: "b", days: 1 },
    ]);
    const counted = feature({
      name: "counted",
      source: queried,
      keys,
      static: true,
      transform: batches({
        columns,
        async *run(input) {
          for await (const batch of input) yield batch.slice(0, 1);
        },
      }),
    });
    const plain = new Definitions({
      name: "plain",
      features: [daily, queried, counted],
      offlineStore: layers.store,
      format: new ParquetFormat(),
    });
    expect((await plain.build({ features: ["counted"] })).failed).toEqual([]);
    expect(await collect((await plain.readFeature("counted")).rows())).toEqual([{ user: "a", days: 2 }]);
  });

  it("take the columns of a version where the definition does not say them, and refuse damaged data", async () => {
    await using layers = await Layers.create();
    const payments = source({ path: join(layers.folder, "payments.csv"), timestamp: "at" });
    const keys = ["user"] as const;
    const loose = feature({ name: "loose", source: payments, keys });
    const over = feature({ name: "over", source: loose, keys, transform: (rows) => rows.select("user", "at", { paid: "amount" }) });
    const dropped = feature({ name: "dropped", source: payments, keys, static: true, transform: (rows) => rows.select("user").distinct() });
    const lost = feature({ name: "lost", source: dropped, keys });
    const defs = new Definitions({ name: "loose", features: [over, lost, loose, dropped], offlineStore: layers.store, engine });
    const { built, failed } = await defs.build();
    expect(built.map(({ feature: name }) => name)).toEqual(["over", "loose", "dropped"]);
    expect(failed.map(({ error }) => error.message)).toEqual([
      expect.stringContaining(
        'its timestamp is none, but the definition says at; give feature "dropped" its timestamp, or timestamp: null',
      ),
    ]);
    expect((await defs.plan({ features: ["over"] })).features).toMatchObject([{ action: "skip" }]);
    await rm(join(layers.folder, "store", "loose", "1.0.0", "data.parquet"));
    const [missing] = (await defs.build({ features: ["over"], force: true })).failed;
    expect(missing?.error.code).toBe("DATA_CORRUPT");
  });
});
