import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { S3Remote } from "@mlforge/store-s3";
import { describeWith } from "@mlforge/test-servers";
import { memoryStore } from "@mlforge/testkit/store";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";
import { type Bucket, openBucket } from "./bucket.js";

let bucket: Bucket;
let folder: string;
let engine: DuckDBEngine;

/** Three days, one of them null, of regions with odd characters. */
const days = ["2024-01-01", "2024-01-02", null] as const;
const regions = ["eu", "a/b=c%", "ü x+'", "..", "null", ""] as const;

describeWith("moto", "hive folders in S3", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlforge-hive-"));
    bucket = await openBucket();
    engine = new DuckDBEngine({ threads: 1 });
    const connection = await (await DuckDBInstance.create()).connect();
    const dt = `[${days.map((day) => (day === null ? "NULL" : `DATE '${day}'`)).join(", ")}][1 + i % ${days.length}]`;
    const region = `[${regions.map((text) => `'${text.replaceAll("'", "''")}'`).join(", ")}][1 + i % ${regions.length}]`;
    const select = `SELECT i AS id, 'u' || (i % 7) AS user, ${dt} AS dt, ${region} AS region FROM range(200) r(i)`;
    for (const format of ["parquet", "csv"])
      await connection.run(`COPY (${select}) TO '${join(folder, format)}' (FORMAT ${format}, PARTITION_BY (dt, region))`);
    connection.closeSync();
    // By hand, as DuckDB partitions no JSON.
    for (let id = 0; id < 200; id++) {
      const day = days[id % days.length] ?? "__HIVE_DEFAULT_PARTITION__";
      const path = join(folder, "ndjson", `dt=${day}`, `region=${encodeURIComponent(regions[id % regions.length] ?? "")}`, "part.ndjson");
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, `{"id":${id},"user":"u${id % 7}"}\n`, { flag: "a" });
    }
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      if (entry.isFile()) await bucket.root.put(file.slice(folder.length + 1), { file });
    }
  }, 60_000);
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await bucket[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(["parquet", "csv", "ndjson"])(
    "of %s give the rows of the same folders on this machine, with the values they were made of",
    async (ending) => {
      const read = async (base: string, columns: { id: ReturnType<typeof t.int64>; user: ReturnType<typeof t.string> } | undefined) => {
        const events = source({
          name: "events",
          path: `${base}/${ending}/**/*.${ending}`,
          columns,
          partitions: { dt: t.date(), region: t.string({ nullable: false }) },
        });
        const defs = new Definitions({
          name: "hive",
          features: [feature({ name: "rows", source: events, keys: ["id"] })],
          offlineStore: memoryStore(),
          remotes: [new S3Remote(bucket.connection)],
          engine,
          cache: { path: join(folder, "cache") },
        });
        expect((await defs.build()).failed).toEqual([]);
        expect((await defs.build()).skipped).toHaveLength(1);
        const rows: unknown[] = [];
        for await (const row of (await defs.readFeature("rows", { version: "latest" })).rows()) rows.push(row);
        return rows;
      };
      const expected = Array.from({ length: 200 }, (_, id) => {
        const day = days[id % days.length] ?? null;
        return { id, user: `u${id % 7}`, dt: day === null ? null : new Date(`${day}T00:00:00Z`), region: regions[id % regions.length] };
      });
      for (const columns of [{ id: t.int64(), user: t.string() }, undefined]) {
        expect(await read(folder, columns)).toEqual(expected);
        expect(await read(`s3://${bucket.name}`, columns)).toEqual(expected);
      }
    },
  );
});
