import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { S3Store } from "@mlforge/store-s3";
import { describeWith } from "@mlforge/test-servers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";
import { type Bucket, openBucket } from "./bucket.js";

const builders = 16;
const child = fileURLToPath(new URL("build-child.mjs", import.meta.url));
const run = promisify(execFile);

let bucket: Bucket;
let folder: string;

describeWith("moto", `${builders} processes that build one feature in S3 at once`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlforge-builders-"));
    bucket = await openBucket();
    const connection = await (await DuckDBInstance.create()).connect();
    const file = join(folder, "events.parquet");
    await connection.run(`COPY (SELECT 'u' || (i % 3) AS user, i AS amount FROM range(300) r(i)) TO '${file}'`);
    connection.closeSync();
    await bucket.root.put("team/events.parquet", { file });
  });
  afterAll(async () => {
    await bucket[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it("each publishes a number of its own or says why not, no version is lost or torn, and they share a cache", async () => {
    const cache = join(folder, "cache");
    const outputs = await Promise.all(
      Array.from({ length: builders }, () => run(process.execPath, [child, bucket.endpoint, bucket.name, "team", cache])),
    );
    const reports: { built: string[]; skipped: string[]; failed: string[] }[] = outputs.map(({ stdout }) => JSON.parse(stdout));
    expect(reports.flatMap(({ failed }) => failed)).toEqual([]);
    const built = reports.flatMap((report) => report.built);
    expect(built).toHaveLength(builders);
    expect(new Set(built).size).toBe(builders);

    const spend = feature({
      name: "spend",
      source: source({ name: "events", path: "unused.parquet", columns: { user: t.string(), amount: t.int64() } }),
      keys: ["user"],
    });
    await using engine = new DuckDBEngine();
    const defs = new Definitions({
      name: "reader",
      features: [spend],
      offlineStore: new S3Store({ ...bucket.options, prefix: "team" }),
      engine,
      cache: { path: join(folder, "reader") },
    });
    const { versions, broken, latest } = await defs.versions.list("spend");
    expect(broken).toEqual([]);
    expect(versions.map(({ version }) => version).sort()).toEqual([...built].sort());
    expect(latest).toBe(versions.at(-1)?.version);
    for (const { version } of versions) {
      const rows: unknown[] = [];
      for await (const row of (await defs.readFeature("spend", { version, verify: true })).rows()) rows.push(row);
      expect(rows).toEqual([
        { user: "u0", total: 14_850 },
        { user: "u1", total: 14_950 },
        { user: "u2", total: 15_050 },
      ]);
    }
    expect(await readdir(join(cache, "uses"))).toEqual([]);
    expect(await readdir(join(cache, "unfinished"))).toEqual([]);
    expect(await readdir(join(cache, "files"))).toHaveLength(1);
  }, 300_000);
});
