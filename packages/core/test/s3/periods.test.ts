import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { S3Store } from "@mlforge/store-s3";
import { describeWith } from "@mlforge/test-servers";
import { type FaultProxy, faultProxy } from "@mlforge/testkit/http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";
import { type Bucket, openBucket } from "./bucket.js";

let bucket: Bucket;
let proxy: FaultProxy;
let folder: string;
let engine: DuckDBEngine;

/** Puts a file of a thousand events within one month. */
async function putMonth(month: string, first: number): Promise<void> {
  const path = join(folder, `${month}.parquet`);
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run(
    `COPY (SELECT i + ${first} AS id, TIMESTAMPTZ '${month}-01 00:00:00Z' + i * INTERVAL 10 MINUTE AS at, sha256(i::VARCHAR) AS text FROM range(1000) r(i)) TO '${path}'`,
  );
  connection.closeSync();
  await bucket.root.put(`events/${month}.parquet`, { file: path });
}

/** Opens a project on a machine whose cache is in the given folder. */
function open(cache: string): Definitions {
  const store = new S3Store({ bucket: bucket.name, prefix: "f", endpoint: proxy.url, region: "us-east-1", forcePathStyle: true });
  const events = source({
    name: "events",
    path: `s3://${bucket.name}/events/*.parquet`,
    columns: { id: t.int64(), at: t.timestamp(), text: t.string() },
    timestamp: "at",
  });
  const rows = feature({ name: "rows", source: events, keys: ["id"], partition: "month" });
  return new Definitions({ name: "periods", features: [rows], offlineStore: store, engine, cache: { path: join(folder, cache) } });
}

describeWith("moto", "a feature that is divided into months, in a bucket", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlforge-s3-periods-"));
    bucket = await openBucket();
    proxy = await faultProxy({ target: bucket.endpoint });
    engine = new DuckDBEngine();
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await bucket[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it("lets the service copy what it keeps, and fetches neither that nor the files it was computed from", async () => {
    await putMonth("2024-01", 0);
    await putMonth("2024-02", 1000);
    expect((await open("first").build()).built).toMatchObject([{ rows: 2000, periods: { computed: 2, kept: 0 } }]);

    await putMonth("2024-03", 2000);
    const before = proxy.requests.length;
    // Another machine, which has cached nothing.
    const defs = open("second");
    expect(await defs.build()).toMatchObject({ failed: [], built: [{ version: "1.0.1", rows: 3000, periods: { computed: 1, kept: 2 } }] });
    const during = proxy.requests
      .slice(before)
      .map(({ method, target }) => `${method} ${target.replace(/\?.*/, "").replace(`/${bucket.name}/`, "")}`);
    const data = during.filter((request) => request.includes(".parquet"));
    expect([...new Set(data)].filter((request) => !request.startsWith("HEAD")).sort()).toEqual([
      "GET events/2024-03.parquet",
      "PUT f/rows/1.0.1/data-2024-01.parquet",
      "PUT f/rows/1.0.1/data-2024-02.parquet",
      "PUT f/rows/1.0.1/data-2024-03.parquet",
    ]);
    let count = 0;
    for await (const row of (await defs.readFeature("rows", { verify: true })).rows()) count += row.text === "" ? 0 : 1;
    expect(count).toBe(3000);
    expect((await defs.store.verify()).problems).toEqual([]);
  });

  it("needs three requests to find that nothing changed", async () => {
    const defs = open("third");
    const before = proxy.requests.length;
    expect((await defs.build()).skipped).toHaveLength(1);
    expect(proxy.requests.length - before).toBe(3);
  });
});
