import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { ParquetFormat } from "@mlforge/format-parquet";
import type { Columns } from "@mlforge/spec";
import { memoryStore } from "@mlforge/testkit/store";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AnyFeature, batches, Definitions, feature, parseLock, source, t } from "../../src/index.js";

const engine = new DuckDBEngine({ threads: 1 });
let root: string;
let connection: DuckDBConnection;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "mlforge-hive-"));
  connection = await (await DuckDBInstance.create()).connect();
});
afterAll(async () => {
  connection.closeSync();
  await engine[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(root, "case-"));
});

async function file(path: string, content: string): Promise<string> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
  return join(folder, path);
}

function project(...features: AnyFeature[]): Definitions {
  return new Definitions({ name: "hive", features, offlineStore: memoryStore(), engine });
}

async function rowsOf(defs: Definitions, name: string): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const row of (await defs.readFeature(name, { version: "latest" })).rows()) rows.push(row);
  return rows;
}

const id = { id: t.int64() };

/** The rows of CSV files below the folder, by id. */
function rowsIn(partitions: Columns | undefined, columns: Columns | undefined): AnyFeature {
  return feature({ name: "rows", source: source({ name: "events", path: join(folder, "**/*.csv"), columns, partitions }), keys: ["id"] });
}

const dt = t.date();
const region = t.string();

describe("a source in hive folders", () => {
  it("gives the rows that DuckDB partitioned, to features that are point-in-time by their folders", async () => {
    await connection.run(`COPY (
      SELECT 'u' || (i % 3) AS user, i AS amount, DATE '2024-01-01' + (i % 4)::INT AS dt, ['eu', 'ü/=', NULL][1 + i % 3] AS region FROM range(60) r(i)
    ) TO '${join(folder, "events")}' (FORMAT parquet, PARTITION_BY (dt, region))`);
    const events = source({
      path: join(folder, "events/**/*.parquet"),
      name: "events",
      columns: { user: t.string(), amount: t.int64() },
      partitions: { dt: t.date({ nullable: false }), region: t.string() },
      timestamp: "dt",
    });
    const spend = feature({
      name: "spend",
      source: events,
      keys: ["user"],
      transform: (rows) =>
        rows
          .filter((row) => row.dt.gte(new Date("2024-01-02")))
          .groupBy("user", "dt", "region")
          .aggregate(({ amount }) => ({ total: amount.sum() })),
    });
    const defs = project(spend);
    expect(await defs.build()).toMatchObject({ failed: [], built: [{ version: "1.0.0", rows: 9 }] });
    const expected = await connection.runAndReadAll(`
      SELECT 'u' || (i % 3) AS user, (DATE '2024-01-01' + (i % 4)::INT)::VARCHAR AS dt, ['eu', 'ü/=', NULL][1 + i % 3] AS region, sum(i)::INT AS total
      FROM range(60) r(i) WHERE i % 4 > 0 GROUP BY ALL ORDER BY user, dt`);
    const day = (text: unknown): Date => new Date(`${String(text)}T00:00:00Z`);
    const rows = expected.getRowsJson().map(([user, date, place, total]) => ({ user, dt: day(date), region: place, total }));
    expect(await rowsOf(defs, "spend")).toEqual(rows);

    const labels = [
      { user: "u1", at: new Date("2024-01-03T12:00:00Z") },
      { user: "u1", at: new Date("2024-01-01T12:00:00Z") },
      { user: "u2", at: new Date("2025-01-01T00:00:00Z") },
    ];
    const training = await defs.getTrainingData({ labels, timestamp: "at", features: [spend] });
    const totals: unknown[] = [];
    for await (const row of training.rows()) totals.push(row);
    const newest = (user: string, date: string): unknown =>
      rows.find((row) => row.user === user && row.dt.getTime() === day(date).getTime())?.total;
    expect(totals).toMatchObject([
      { total: newest("u1", "2024-01-03"), region: "ü/=" },
      { total: null, region: null },
      { total: newest("u2", "2024-01-04"), region: null },
    ]);
    expect(newest("u1", "2024-01-03")).toBeGreaterThan(0);
  });

  it("gives back any text that DuckDB partitioned by", async () => {
    let run = 0;
    // File systems take names of 255 bytes.
    const anyText = fc
      .oneof(fc.string({ unit: "grapheme", maxLength: 10 }), fc.string({ unit: "binary", maxLength: 5 }))
      .filter((text) => encodeURIComponent(text).length <= 200);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(anyText, { minLength: 1, maxLength: 5 }), async (texts) => {
        const base = join(folder, `random-${run++}`);
        const tuples = texts.map((text, index) => `(${index}, from_base64('${Buffer.from(text).toString("base64")}')::BLOB)`);
        await connection.run(
          `COPY (SELECT id, decode(b) AS region FROM (VALUES ${tuples.join(", ")}) v(id, b)) TO '${base}' (FORMAT parquet, PARTITION_BY (region))`,
        );
        const made = source({ name: "events", path: `${base}/*/*.parquet`, columns: { id: t.int32() }, partitions: { region } });
        const { rows } = await project(feature({ name: "rows", source: made, keys: ["id"] })).preview("rows", { rows: texts.length + 1 });
        expect([...rows].sort((a, b) => Number(a.id) - Number(b.id))).toEqual(texts.map((text, index) => ({ id: index, region: text })));
      }),
      { numRuns: 20 },
    );
  });

  it("is read in every format, with declared columns and without", async () => {
    await file("dt=2024-01-01/region=a%2Fb/1.csv", "id\n1\n");
    await file("dt=__HIVE_DEFAULT_PARTITION__/region=null/2.csv", "id\n2\n");
    await file("dt=2024-01-01/region=a%2Fb/1.ndjson", '{"id":1}\n');
    await file("dt=__HIVE_DEFAULT_PARTITION__/region=null/2.ndjson", '{"id":2}\n');
    for (const ending of ["csv", "ndjson"]) {
      for (const columns of [id, undefined]) {
        const made = source({ name: "events", path: join(folder, `**/*.${ending}`), columns, partitions: { dt, region } });
        const defs = project(feature({ name: "rows", source: made, keys: ["id"] }));
        expect(await defs.build()).toMatchObject({ failed: [] });
        expect(await rowsOf(defs, "rows")).toEqual([
          { id: 1, dt: new Date("2024-01-01T00:00:00Z"), region: "a/b" },
          { id: 2, dt: null, region: "null" },
        ]);
      }
    }
  });

  it("has the value of its folder where a file has a column of that name", async () => {
    await file("dt=2024-01-01/1.csv", "id,dt\n1,1999-01-01\n");
    for (const columns of [id, undefined]) {
      const defs = project(rowsIn({ dt }, columns));
      expect((await defs.build()).failed).toEqual([]);
      expect(await rowsOf(defs, "rows")).toEqual([{ id: 1, dt: new Date("2024-01-01T00:00:00Z") }]);
    }
  });

  it("without partitions has folders that mean nothing", async () => {
    await file("dt=2024-01-01/1.csv", "id,dt\n1,1999-01-01\n");
    const defs = project(rowsIn(undefined, undefined));
    await defs.build();
    expect(await rowsOf(defs, "rows")).toEqual([{ id: 1, dt: new Date("1999-01-01T00:00:00Z") }]);
  });

  it.each<readonly [string, Columns, string, RegExp]>([
    ["a folder that is missing", { dt }, "x=1/2.csv", /2\.csv" cannot be read: it is not in a folder "dt=\.\.\."/],
    ["a value of another kind", { dt }, "dt=2024-02-30/2.csv", /its column "dt" is "2024-02-30".*not a valid date/],
    ["null where it may not be", { dt: t.date({ nullable: false }) }, "dt=__HIVE_DEFAULT_PARTITION__/2.csv", /"dt" is null/],
    ["the same folder twice", { dt }, "dt=2024-01-01/dt=2024-01-02/2.csv", /give column "dt" two values/],
    ["several values that are wrong", { dt, n: t.int32() }, "dt=x/n=y/2.csv", /"dt" is "x".*"n" is "y"/],
  ])("refuses %s, before anything is read or written", async (_, partitions, wrong, message) => {
    await file("dt=2024-01-01/n=1/1.csv", "no such column\n1\n");
    const path = await file(wrong, "id\n2\n");
    const store = memoryStore();
    const defs = new Definitions({ name: "hive", features: [rowsIn(partitions, id)], offlineStore: store, engine });
    const { failed } = await defs.build();
    expect(failed).toMatchObject([
      { error: { code: "SOURCE_UNREADABLE", message: expect.stringMatching(message), details: { source: "events", path } } },
    ]);
    const keys: unknown[] = [];
    for await (const entry of store.list("")) keys.push(entry);
    expect(keys).toEqual([]);
  });

  it("names the first of many files that are wrong, and says how many there are", async () => {
    for (const day of ["x", "y", "z"]) await file(`dt=${day}/1.csv`, "id\n1\n");
    const [failure] = (await project(rowsIn({ dt }, id)).build()).failed;
    expect(failure?.error).toMatchObject({
      message: expect.stringMatching(/"dt" is "x".*\(and 2 more files like it\)$/),
      details: { path: join(folder, "dt=x/1.csv") },
    });
  });

  it("is another one when a file moves to another folder, and the same when it is renamed within its own", async () => {
    await file("dt=2024-01-01/a.csv", "id\n1\n");
    await file("dt=2024-01-02/b.csv", "id\n2\n");
    const defs = project(rowsIn({ dt }, id));
    expect((await defs.build()).built).toMatchObject([{ version: "1.0.0" }]);
    await rename(join(folder, "dt=2024-01-02/b.csv"), join(folder, "dt=2024-01-02/z.csv"));
    expect((await defs.build()).skipped).toMatchObject([{ reason: "nothing changed" }]);
    await mkdir(join(folder, "dt=2024-01-03"));
    await rename(join(folder, "dt=2024-01-02/z.csv"), join(folder, "dt=2024-01-03/z.csv"));
    expect((await defs.build()).built).toMatchObject([{ version: "1.0.1", change: "patch" }]);
    expect(await rowsOf(defs, "rows")).toMatchObject([{ id: 1 }, { id: 2, dt: new Date("2024-01-03T00:00:00Z") }]);
  });

  it("is another one when two files change places", async () => {
    await file("dt=2024-01-01/a.csv", "id\n1\n");
    await file("dt=2024-01-02/a.csv", "id\n2\n");
    const defs = project(rowsIn({ dt }, id));
    await defs.build();
    await rename(join(folder, "dt=2024-01-01"), join(folder, "aside"));
    await rename(join(folder, "dt=2024-01-02"), join(folder, "dt=2024-01-01"));
    await rename(join(folder, "aside"), join(folder, "dt=2024-01-02"));
    expect((await defs.build()).built).toMatchObject([{ version: "1.0.1", change: "patch" }]);
  });

  it("gives labels, also out of a lock, which holds for no other folders", async () => {
    await file("dt=2024-01-02/a.csv", "id\n1\n");
    await file("dt=2024-01-03/a.csv", "id\n2\n");
    const labels = source({
      name: "labels",
      path: join(folder, "**/*.csv"),
      columns: { id: t.int64() },
      partitions: { dt },
      timestamp: "dt",
    });
    const defs = project();
    const training = await defs.getTrainingData({ labels, features: [] });
    const rows: unknown[] = [];
    for await (const row of training.rows()) rows.push(row);
    expect(rows).toEqual([
      { id: 1, dt: new Date("2024-01-02T00:00:00Z") },
      { id: 2, dt: new Date("2024-01-03T00:00:00Z") },
    ]);
    const lock = parseLock(JSON.parse(JSON.stringify(training.lock)));
    const again: unknown[] = [];
    for await (const row of (await defs.getTrainingData({ lock })).rows()) again.push(row);
    expect(again).toEqual(rows);
    await rename(join(folder, "dt=2024-01-03"), join(folder, "dt=2024-01-04"));
    await expect(defs.getTrainingData({ lock })).rejects.toMatchObject({ code: "LOCK_MISMATCH" });
  });

  it("needs an engine, also for a function over batches", async () => {
    await connection.run(`COPY (SELECT 1 AS id, 2 AS dt) TO '${join(folder, "events")}' (FORMAT parquet, PARTITION_BY (dt))`);
    expect(await readdir(join(folder, "events"))).toEqual(["dt=2"]);
    const columns = { id: t.int32(), dt: t.int32() };
    const made = source({ path: join(folder, "events/*/*.parquet"), columns: { id: columns.id }, partitions: { dt: columns.dt } });
    const passed = feature({ name: "passed", source: made, keys: ["id"], transform: batches({ columns, run: (input) => input }) });
    const options = { name: "hive", features: [passed], format: new ParquetFormat() };
    expect((await new Definitions({ ...options, offlineStore: memoryStore() }).build()).failed).toMatchObject([
      { error: { code: "CAPABILITY_MISSING", message: expect.stringMatching(/from folder names.*pass an engine to Definitions/) } },
    ]);
    const defs = new Definitions({ ...options, offlineStore: memoryStore(), engine });
    expect((await defs.build()).failed).toEqual([]);
    expect(await rowsOf(defs, "passed")).toEqual([{ id: 1, dt: 2 }]);
  });
});
