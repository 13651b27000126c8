import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { isMlforgeError } from "@mlforge/spec";
import { S3Store } from "@mlforge/store-s3";
import { describeWith } from "@mlforge/test-servers";
import { type Fault, faultAt, faultProxy } from "@mlforge/testkit/http";
import pMap from "p-map";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sweep } from "../../../../test/sweep.js";
import { type BuildResult, Definitions, feature, source, t } from "../../src/index.js";
import { type Bucket, openBucket } from "./bucket.js";
import { s3Faults } from "./s3-faults.js";

const faults: readonly Fault[] = [
  ...s3Faults,
  { kind: "slow", bytesPerSecond: 200_000 },
  { kind: "status", status: 403, code: "AccessDenied", when: "before" },
];

/** What a service may answer to a request that it has seen, and answers to each repetition of it. */
const lasting = { kind: "status", status: 500, code: "InternalError", when: "after" } as const;

/** The distance between the requests that a fault hits. */
const step = sweep({ ci: 12, nightly: 1 });

let bucket: Bucket;
let folder: string;
let engine: DuckDBEngine;

const columns = { user: t.string(), amount: t.int64() };
const factors = { first: 1, second: 2 } as const;

describeWith("moto", "a fault at every request of a build", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlforge-faults-"));
    bucket = await openBucket();
    engine = new DuckDBEngine();
    const connection = await (await DuckDBInstance.create()).connect();
    for (const [name, factor] of Object.entries(factors)) {
      const file = join(folder, `${name}.parquet`);
      await connection.run(`COPY (SELECT 'u' || (i % 3) AS user, i * ${factor} AS amount FROM range(300) r(i)) TO '${file}'`);
    }
    connection.closeSync();
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await bucket[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(faults.map((fault, place) => ({ ...fault, place })))(
    "$kind $status $code $when: the old version or the new one, success or a typed error, and a retry works",
    async ({ place, ...fault }) => {
      // Each fault begins at another request, so that together they hit all requests.
      const first = place % step;
      let indexes = first + 1;
      for (let index = first; index < indexes; index += step) {
        indexes = Math.max(indexes, await tryFault(fault, faultAt(index, fault), index));
      }
      expect(indexes).toBeGreaterThanOrEqual(10);
    },
    300_000,
  );

  it("also when nothing is answered from some request on, though all of it is carried out", async () => {
    const points = Array.from({ length: 14 }, (_, from) => from).filter((from) => from % Math.ceil(step / 4) === 0);
    await pMap(points, (from) => tryFault(lasting, ({ index }) => (index >= from ? lasting : undefined), from), { concurrency: 6 });
  }, 300_000);
});

let runs = 0;

/** How many requests the build made. */
async function tryFault(fault: Fault, decide: ReturnType<typeof faultAt>, index: number): Promise<number> {
  const place = `run-${runs++}`;
  const what = `${JSON.stringify(fault)} at request ${index} of ${place}`;
  const source = `s3://${bucket.name}/${place}/events.parquet`;
  const calm = new S3Store({ ...bucket.options, prefix: place });
  await calm.put("events.parquet", { file: join(folder, "first.parquet") });
  await definitions(source, calm, "calm").build();
  await calm.put("events.parquet", { file: join(folder, "second.parquet") });

  await using proxy = await faultProxy({ target: bucket.endpoint, decide });
  const client = new S3Client({
    endpoint: proxy.url,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 2,
    requestHandler: { requestTimeout: 300, throwOnRequestTimeout: true },
  });
  const defs = definitions(source, new S3Store({ bucket: bucket.name, prefix: place, client }), `faulty-${place}`);
  const result = await defs.build();
  client.destroy();
  expect(proxy.requests.some((request) => request.fault !== undefined) || index >= proxy.requests.length, what).toBe(true);
  for (const { error } of result.failed) {
    expect(isMlforgeError(error), `${what}: ${String(error)}`).toBe(true);
    expect(["STORE_UNAVAILABLE", "STORE_ACCESS_DENIED", "SOURCE_CHANGED"], what).toContain(error.code);
  }
  const acknowledged = result.built[0]?.version;
  const seen = await read(definitions(source, calm, `reader-${place}`));
  if (acknowledged === undefined) expect([totals("first"), totals("second")], what).toContainEqual(seen.rows);
  else expect(seen, what).toEqual({ version: acknowledged, rows: totals("second") });

  expect((await definitions(source, calm, `retry-${place}`).build()).failed, what).toEqual([] satisfies BuildResult["failed"]);
  expect((await read(definitions(source, calm, `again-${place}`))).rows, what).toEqual(totals("second"));
  await calm[Symbol.asyncDispose]();
  return proxy.requests.length;
}

function definitions(path: string, offlineStore: S3Store, cache: string) {
  const spend = feature({
    name: "spend",
    source: source({ name: "events", path, columns }),
    keys: ["user"],
    transform: (rows) => rows.groupBy("user").aggregate(({ amount }) => ({ total: amount.sum() })),
  });
  return new Definitions({ name: "faults", features: [spend], offlineStore, engine, cache: { path: join(folder, cache) } });
}

async function read(defs: ReturnType<typeof definitions>): Promise<{ version: string; rows: unknown[] }> {
  const data = await defs.readFeature("spend");
  const rows: unknown[] = [];
  for await (const row of data.rows()) rows.push(row);
  return { version: data.version, rows };
}

function totals(name: keyof typeof factors): { user: string; total: number }[] {
  return [0, 1, 2].map((user) => ({
    user: `u${user}`,
    total: Array.from({ length: 100 }, (_, index) => (index * 3 + user) * factors[name]).reduce((sum, amount) => sum + amount, 0),
  }));
}
