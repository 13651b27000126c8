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

const columns = { id: t.int64(), text: t.string() };

describeWith("moto", "requests to S3", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlforge-requests-"));
    bucket = await openBucket();
    proxy = await faultProxy({ target: bucket.endpoint });
    engine = new DuckDBEngine();
    const connection = await (await DuckDBInstance.create()).connect();
    // Hashes do not compress, so that the built version is larger than one part.
    await connection.run(
      `COPY (SELECT i AS id, sha256(i::VARCHAR) AS text FROM range(250000) r(i)) TO '${join(folder, "events.parquet")}'`,
    );
    connection.closeSync();
    await bucket.root.put("events.parquet", { file: join(folder, "events.parquet") });
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await bucket[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it("are one for the latest version, three for nothing to do, and six and the parts for a publish", async () => {
    const store = new S3Store({ bucket: bucket.name, prefix: "f", endpoint: proxy.url, region: "us-east-1", forcePathStyle: true });
    const rows = feature({
      name: "rows",
      source: source({ name: "events", path: `s3://${bucket.name}/events.parquet`, columns }),
      keys: ["id"],
      transform: (events) => events,
    });
    const defs = new Definitions({
      name: "requests",
      features: [rows],
      offlineStore: store,
      engine,
      cache: { path: join(folder, "cache") },
    });
    const during = async (work: () => Promise<unknown>): Promise<string[]> => {
      const before = proxy.requests.length;
      await work();
      return proxy.requests.slice(before).map(({ method, target }) => `${method} ${target.replace(`/${bucket.name}/`, "")}`);
    };
    // The first write of all finds out about conditions.
    await store.put("first", new Uint8Array(1), { condition: { kind: "ifAbsent" } });
    const all = await during(() => defs.build());
    const publish = all.slice(all.findIndex((request) => request.includes(".claim.json")));
    const parts = publish.filter((request) => request.includes("partNumber="));
    expect(parts.length).toBeGreaterThanOrEqual(2);
    expect(publish.filter((request) => !parts.includes(request)).map((request) => request.replace(/[?&].*/, ""))).toEqual([
      "PUT f/rows/1.0.0/.claim.json",
      "POST f/rows/1.0.0/data.parquet",
      "POST f/rows/1.0.0/data.parquet",
      "PUT f/rows/1.0.0/.meta.json",
      "PUT f/rows/_latest.json",
    ]);
    const unchanged = await during(async () => expect((await defs.build()).skipped).toHaveLength(1));
    expect(unchanged.map((request) => request.replace(/\?.*/, "")).sort()).toEqual([
      "GET f/rows/1.0.0/.meta.json",
      "GET f/rows/_latest.json",
      "HEAD events.parquet",
    ]);
    expect(await during(async () => expect(await defs.versions.latest("rows")).toBe("1.0.0"))).toHaveLength(1);
    expect(
      await during(async () => expect((await defs.versions.inspect("rows", { version: "1.0.0" })).version).toBe("1.0.0")),
    ).toHaveLength(1);
  });

  it("ask for the state of a source once, however many features read it", async () => {
    const store = new S3Store({ bucket: bucket.name, prefix: "ten", endpoint: proxy.url, region: "us-east-1", forcePathStyle: true });
    const events = source({ name: "events", path: `s3://${bucket.name}/events.parquet` });
    const features = Array.from({ length: 10 }, (_, index) =>
      feature({ name: `rows_${index}`, source: events, keys: ["id"], transform: (rows) => rows.filter(({ id }) => id.lt(index + 5)) }),
    );
    const cache = { path: join(folder, "cache") };
    const defs = new Definitions({ name: "ten", features, offlineStore: store, engine, cache });
    expect((await defs.build()).built).toHaveLength(10);
    const before = proxy.requests.length;
    expect((await defs.build()).skipped).toHaveLength(10);
    const asked = proxy.requests.slice(before).map(({ method, target }) => `${method} ${target.replace(/\?.*/, "")}`);
    expect(asked.filter((request) => request.includes("events.parquet"))).toEqual([`HEAD /${bucket.name}/events.parquet`]);
    expect(asked).toHaveLength(1 + 2 * 10);
  });

  it("of a Git-like listing of thousands of features and versions are a thousand keys each", async () => {
    const store = new S3Store({ bucket: bucket.name, prefix: "many", endpoint: proxy.url, region: "us-east-1", forcePathStyle: true });
    const put = async (index: number): Promise<unknown> => store.put(`f${index % 5_000}/1.0.${index}/x`, new Uint8Array(1));
    for (let index = 0; index < 5_000; index += 50) await Promise.all(Array.from({ length: 50 }, (_, offset) => put(index + offset)));
    const before = proxy.requests.length;
    let count = 0;
    for await (const entry of store.list("", { depth: "children" })) count += entry.kind === "prefix" ? 1 : 0;
    expect(count).toBe(5_000);
    expect(proxy.requests.length - before).toBe(5);
  }, 120_000);
});
