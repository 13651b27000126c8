import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { S3Store, type S3StoreOptions } from "@mlforge/store-s3";
import { describeWith, type MotoWithIam, startMoto } from "@mlforge/test-servers";
import { type FaultProxy, faultProxy } from "@mlforge/testkit/http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";

const bucket = "mlforge-features";
const resources = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];

/** The policies of the document this follows, by what they are for. */
const policies = {
  minimal: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"],
  readOnly: ["s3:GetObject", "s3:ListBucket"],
  writeOnly: ["s3:PutObject", "s3:ListBucket"],
} as const;

let moto: MotoWithIam;
let proxy: FaultProxy;
let folder: string;
let engine: DuckDBEngine;
const clients = new Map<string, S3Client>();

describeWith("moto", "a project whose credentials allow what one policy does", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlforge-policies-"));
    moto = await startMoto({ iam: true });
    proxy = await faultProxy({ target: moto.endpoint });
    engine = new DuckDBEngine();
    const client = await clientOf("admin", { Effect: "Allow", Action: "s3:*", Resource: "*" });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    for (const [name, Action] of Object.entries(policies)) await clientOf(name, { Effect: "Allow", Action, Resource: resources });
    const connection = await (await DuckDBInstance.create()).connect();
    await connection.run(`COPY (SELECT 'u' || (i % 3) AS user, i AS amount FROM range(300) r(i)) TO '${join(folder, "events.parquet")}'`);
    connection.closeSync();
  });
  afterAll(async () => {
    for (const client of clients.values()) client.destroy();
    await engine[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await moto[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it("minimal: builds, builds again, trains; read-only: trains and does not build", async () => {
    const builder = definitions("minimal", { prefix: "shared" });
    expect((await builder.build()).failed).toEqual([]);
    expect((await builder.build({ force: true })).built).toMatchObject([{ version: "1.0.1" }]);
    for (const user of ["minimal", "readOnly"] as const) {
      const training = await definitions(user, { prefix: "shared" }).getTrainingData({
        labels: [{ user: "u1" }],
        features: ["spend"],
        onWarning: () => {},
      });
      const rows: unknown[] = [];
      for await (const row of training.rows()) rows.push(row);
      expect(rows).toEqual([{ user: "u1", total: 14_950 }]);
    }
    const reader = definitions("readOnly", { prefix: "shared" });
    expect((await reader.build()).skipped).toMatchObject([{ version: "1.0.1" }]);
    expect((await reader.build({ force: true })).failed[0]?.error).toMatchObject({
      code: "STORE_ACCESS_DENIED",
      details: { action: "s3:PutObject" },
    });
  });

  it("write-only: builds a version it is told, without one read; makes the first one latest, and says why not a later one", async () => {
    const defs = definitions("writeOnly", { prefix: "unreadable", writeOnly: true });
    const before = proxy.requests.length;
    expect((await defs.build({ version: "1.0.0" })).built).toMatchObject([{ version: "1.0.0", latest: true }]);
    expect((await defs.build({ version: "2.0.0" })).built).toMatchObject([
      { version: "2.0.0", latest: false, reason: expect.stringContaining("cannot read which version is latest") },
    ]);
    expect((await defs.build({ version: "2.0.0" })).failed[0]?.error).toMatchObject({ code: "VERSION_EXISTS" });
    expect((await defs.build()).failed[0]?.error).toMatchObject({
      code: "CAPABILITY_MISSING",
      message: expect.stringContaining("explicit version"),
    });
    const methods = new Set(proxy.requests.slice(before).map(({ method }) => method));
    expect([...methods].filter((method) => method === "GET" || method === "HEAD")).toEqual([]);
    expect((await definitions("readOnly", { prefix: "unreadable" }).versions.list("spend")).versions.map(({ version }) => version)).toEqual(
      ["1.0.0", "2.0.0"],
    );
  });

  it("write-only, not declared: finds out that it may not read, and builds the version it is told", async () => {
    const defs = definitions("writeOnly", { prefix: "undeclared" });
    expect((await defs.build({ version: "1.0.0" })).built).toMatchObject([{ version: "1.0.0", latest: true }]);
    expect((await defs.build()).failed[0]?.error).toMatchObject({ code: "STORE_ACCESS_DENIED", details: { action: "s3:GetObject" } });
  });
});

async function clientOf(name: string, statement: object): Promise<S3Client> {
  const credentials = await moto.createUser(name, { Version: "2012-10-17", Statement: [statement] });
  const client = new S3Client({ endpoint: proxy.url, region: "us-east-1", forcePathStyle: true, credentials });
  clients.set(name, client);
  return client;
}

function definitions(user: keyof typeof policies, options: Pick<S3StoreOptions, "prefix" | "writeOnly">) {
  const spend = feature({
    name: "spend",
    source: source({ name: "events", path: join(folder, "events.parquet"), columns: { user: t.string(), amount: t.int64() } }),
    keys: ["user"],
    transform: (rows) => rows.groupBy("user").aggregate(({ amount }) => ({ total: amount.sum() })),
  });
  return new Definitions({
    name: "policies",
    features: [spend],
    offlineStore: new S3Store({ bucket, ...options, client: clients.get(user) }),
    engine,
    cache: { path: join(folder, `cache-${user}`) },
  });
}
