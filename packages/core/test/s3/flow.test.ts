import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { S3Remote, S3Store } from "@mlforge/store-s3";
import { describeWith } from "@mlforge/test-servers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";
import { type Bucket, openBucket } from "./bucket.js";

let bucket: Bucket;
let folder: string;
let engine: DuckDBEngine;

describeWith("moto", "a project in S3", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlforge-s3-"));
    bucket = await openBucket();
    engine = new DuckDBEngine();
    const connection = await (await DuckDBInstance.create()).connect();
    for (const [name, from] of [
      ["1", 0],
      ["2", 500],
    ] as const) {
      const file = join(folder, `${name}.parquet`);
      await connection.run(
        `COPY (SELECT 'u' || (i % 5) AS user, i AS amount, make_timestamp((${from} + i) * 3600000000) AS at FROM range(500) r(i)) TO '${file}'`,
      );
      await bucket.root.put(`data/dt=${name}/events.parquet`, { file });
    }
    connection.closeSync();
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await bucket[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it("has sources, versions, labels and results there, and gives the rows that a local project gives", async () => {
    const events = source({
      name: "events",
      path: `s3://${bucket.name}/data/*/events.parquet`,
      columns: { user: t.string(), amount: t.int64(), at: t.timestamp() },
      timestamp: "at",
    });
    const spend = feature({
      name: "spend",
      source: events,
      keys: ["user"],
      rolling: { every: "1d", windows: ["7d"], aggregations: { amount: ["sum", "count"] } },
    });
    const inS3 = new Definitions({
      name: "s3",
      features: [spend],
      offlineStore: new S3Store({ ...bucket.options, prefix: "prod/features" }),
      engine,
    });
    const local = new Definitions({
      name: "local",
      features: [spend],
      offlineStore: new LocalStore(join(folder, "store")),
      remotes: [new S3Remote(bucket.connection)],
      engine,
    });
    const sizes = await Promise.all(["1", "2"].map(async (name) => (await bucket.root.head(`data/dt=${name}/events.parquet`)).size));
    expect((await inS3.plan()).features).toMatchObject([
      { action: "build", next: "1.0.0", source: { files: 2, bytes: sizes.reduce((sum, size) => sum + size, 0) } },
    ]);
    const tables: string[] = [];
    for (const defs of [inS3, local]) {
      const { built, failed } = await defs.build();
      expect(failed).toEqual([]);
      expect(built).toMatchObject([{ version: "1.0.0" }]);
      const training = await defs.getTrainingData({
        labels: `s3://${bucket.name}/data/dt=2/events.parquet`,
        timestamp: "at",
        features: ["spend"],
      });
      tables.push((await training.table()).toString());
      await training.write(`s3://${bucket.name}/out/${defs.name}.parquet`);
      const read = await new Definitions({
        name: "reader",
        features: [spend],
        offlineStore: defs.offlineStore,
        remotes: [new S3Remote(bucket.connection)],
        engine,
      }).getTrainingData({
        labels: `s3://${bucket.name}/out/${defs.name}.parquet`,
        timestamp: "at",
        features: [],
      });
      expect((await read.table()).toString()).toBe(tables.at(-1));
    }
    expect(tables[0]).toBe(tables[1]);
    expect(tables[0]?.length).toBeGreaterThan(10_000);
    expect((await inS3.plan()).features).toMatchObject([{ action: "skip", next: "1.0.0", source: { changed: false } }]);
    expect((await inS3.build()).skipped).toMatchObject([{ version: "1.0.0" }]);
    expect(await bucket.keys("prod/features/spend/")).toEqual([
      "prod/features/spend/1.0.0/.claim.json",
      "prod/features/spend/1.0.0/.meta.json",
      "prod/features/spend/1.0.0/data.parquet",
      "prod/features/spend/_latest.json",
    ]);
  });
});
