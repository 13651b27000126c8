import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { Columns, Store } from "@mlforge/spec";
import { memoryStore, type Recording, recordingStore } from "@mlforge/testkit/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AnyFeature, Definitions, feature, source, t } from "../../src/index.js";
import { memoryRemote } from "./memory-remote.js";

let root: string;
let engine: DuckDBEngine;
let connection: DuckDBConnection;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "mlforge-hive-"));
  engine = new DuckDBEngine({ threads: 1 });
  connection = await (await DuckDBInstance.create()).connect();
});
afterAll(async () => {
  connection.closeSync();
  await engine[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

let recording: Recording;
let bucket: Store;
let cache: { readonly path: string };
beforeEach(async () => {
  recording = recordingStore(memoryStore());
  bucket = recording.store;
  cache = { path: await mkdtemp(join(root, "cache-")) };
});

const columns = { id: t.int64() };
const partitions = { region: t.string() };

function rowsOf(made: { readonly partitions?: Columns; readonly columns?: Columns; readonly path?: string }) {
  const events = source({ name: "events", path: "mem://e/**/*.csv", columns, ...made });
  return feature({ name: "rows", source: events, keys: ["id"] });
}

function project(made: AnyFeature, own = engine): Definitions {
  return new Definitions({
    name: "hive",
    features: [made],
    offlineStore: memoryStore(),
    engine: own,
    remotes: [memoryRemote(bucket)],
    cache,
  });
}

async function read(defs: Definitions): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const row of (await defs.readFeature("rows", { version: "latest" })).rows()) rows.push(row);
  return rows;
}

function csv(id: number | string): Uint8Array {
  return new TextEncoder().encode(`id\n${id}\n`);
}

describe("hive folders in another place", () => {
  const written = [
    "eu",
    "a%2Fb",
    "..",
    ".",
    "%2E%2E%2F%2E%2E",
    "a=b",
    "it's",
    'q"',
    "[x]*?",
    "~",
    "%5C",
    "",
    "null",
    "%E2%82%AC",
    "x y",
    "é".repeat(100),
  ];

  it("that a filter rules out are not fetched", async () => {
    for (const [index, region] of ["ap", "eu", "us"].entries()) await bucket.put(`e/region=${region}/part.csv`, csv(index));
    const events = source({ name: "events", path: "mem://e/**/*.csv", columns, partitions });
    const rows = feature({
      name: "rows",
      source: events,
      keys: ["id"],
      transform: (all) => all.filter(({ region }) => region.in(["eu", "us"])).filter(({ region }) => region.ne("us")),
    });
    const defs = project(rows);
    expect((await defs.build()).failed).toEqual([]);
    expect(await read(defs)).toEqual([{ id: 1, region: "eu" }]);
    const fetched = recording.operations.filter(({ name }) => name === "get").map(({ key }) => key);
    // What is not equal to a text is not known of.
    expect([...new Set(fetched)].sort()).toEqual(["e/region=eu/part.csv", "e/region=us/part.csv"]);
  });

  it("are those of the keys, however odd, and none of them is left in the cache", async () => {
    for (const [index, value] of written.entries()) await bucket.put(`e/x=${index}/region=${value}/part.csv`, csv(index));
    await bucket.put("e/region=__HIVE_DEFAULT_PARTITION__/part.csv", csv(written.length));
    const defs = project(rowsOf({ partitions }), new DuckDBEngine({ threads: 1 }));
    expect((await defs.build()).failed).toEqual([]);
    const expected = [...written.map((value) => decodeURIComponent(value)), null].map((region, id) => ({ id, region }));
    expect(await read(defs)).toEqual(expected);
    const uses = await readdir(join(cache.path, "uses"), { recursive: true });
    expect(uses.filter((name) => name.includes("region"))).toEqual([]);
    expect((await readdir(cache.path)).sort()).toEqual(["files", "unfinished", "uses"]);
    await defs[Symbol.asyncDispose]();
    expect(await readdir(join(cache.path, "uses"))).toEqual([]);
  });

  it("are those of the keys also where the cache is in a folder of such a name", async () => {
    cache = { path: join(await mkdtemp(join(root, "region=cache-")), "below") };
    await bucket.put("e/region=eu/part.csv", csv(1));
    const defs = project(rowsOf({ partitions }));
    expect((await defs.build()).failed).toEqual([]);
    expect(await read(defs)).toEqual([{ id: 1, region: "eu" }]);
  });

  it("mean nothing to a source without partitions, of whatever length they are", async () => {
    await bucket.put(`e/region=${"x".repeat(400)}/part.csv`, csv(1));
    const defs = project(rowsOf({}));
    expect((await defs.build()).failed).toEqual([]);
    expect(await read(defs)).toEqual([{ id: 1 }]);
  });

  it("may be read with partitions and without by one feature, which names them by their URL alone where a file is wrong", async () => {
    await bucket.put("e/region=eu/part.csv", csv(1));
    const plain = source({ name: "plain", path: "mem://e/**/*.csv", columns });
    const both = feature({
      name: "rows",
      source: source({ name: "events", path: "mem://e/**/*.csv", columns, partitions }),
      keys: ["id"],
      transform: (rows) => rows.join(plain, { on: "id" }),
    });
    const defs = project(both);
    expect((await defs.build()).failed).toEqual([]);
    expect(await read(defs)).toEqual([{ id: 1, region: "eu" }]);
    await bucket.put("e/region=eu/part.csv", csv("x"));
    expect((await defs.build()).failed[0]?.error.message).toMatch(
      /mem:\/\/e\/region=eu\/part\.csv:2 column "[^"]+" is not an int64\n {2}found: {4}"x"\n/,
    );
  });

  it.each<readonly [string, Columns, RegExp]>([
    ["e/part.csv", partitions, /not in a folder "region=\.\.\."/],
    ["e/region=one/part.csv", { region: t.int32() }, /"region" is "one".*not a valid int32/],
    [`e/region=${"x".repeat(300)}/part.csv`, partitions, /longer than 255 bytes/],
    ["e/region=%FF/part.csv", partitions, /not a valid string/],
  ])("of the key %s are refused by its URL, without a download", async (key, declared, message) => {
    await bucket.put("e/region=1/part.csv", csv(1));
    await bucket.put(key, csv(2));
    const { failed } = await project(rowsOf({ partitions: declared })).build();
    expect(failed).toMatchObject([
      {
        error: { code: "SOURCE_UNREADABLE", message: expect.stringMatching(message), details: { source: "events", path: `mem://${key}` } },
      },
    ]);
    expect(recording.operations.filter(({ name }) => name === "get")).toEqual([]);
  });

  it("are named by their URL where a file in them is wrong", async () => {
    await bucket.put("e/region=eu/part.csv", csv("x"));
    const [failure] = (await project(rowsOf({ partitions })).build()).failed;
    expect(failure?.error).toMatchObject({ code: "SCHEMA_MISMATCH", message: expect.stringContaining("mem://e/region=eu/part.csv") });
    expect(failure?.error.message).not.toContain(cache.path);
  });

  it("take no bytes, also where files have their column: of Parquet as much is fetched as without them", async () => {
    const wide = Array.from({ length: 20 }, (_, index) => `hash(i * ${index + 3})::VARCHAR AS c${index}`).join(", ");
    for (const region of [0, 1]) {
      const file = join(root, `${region}.parquet`);
      await connection.run(
        `COPY (SELECT 2 * i + ${region} AS id, ${wide}, hash(i)::VARCHAR AS region FROM range(10000) r(i)) TO '${file}' (FORMAT parquet)`,
      );
      await bucket.put(`e/region=${region}/data.parquet`, await readFile(file));
    }
    const fetched = async (made: { readonly partitions?: Columns }): Promise<number> => {
      const before = recording.operations.length;
      const two = { id: t.int64(), c7: t.string() };
      const fresh = { path: await mkdtemp(join(root, "cache-")) };
      const rows = rowsOf({ ...made, columns: two, path: "mem://e/**/*.parquet" });
      const options = { name: "hive", features: [rows], offlineStore: memoryStore(), engine, remotes: [memoryRemote(bucket)] };
      expect(await new Definitions({ ...options, cache: fresh }).build()).toMatchObject({ failed: [], built: [{ rows: 20_000 }] });
      return recording.operations.slice(before).reduce((sum, { name, bytes }) => sum + (name === "get" ? bytes : 0), 0);
    };
    const plain = await fetched({});
    const whole = 2 * (await bucket.head("e/region=0/data.parquet")).size;
    expect(plain).toBeLessThan(whole / 2);
    expect(await fetched({ partitions: { region: t.int32() } })).toBe(plain);
  });

  it("are another source when an object moves to another folder", async () => {
    await bucket.put("e/region=eu/part.csv", csv(1));
    const defs = project(rowsOf({ partitions }));
    await defs.build();
    expect((await defs.build()).skipped).toMatchObject([{ reason: "nothing changed" }]);
    await bucket.delete("e/region=eu/part.csv");
    await bucket.put("e/region=us/part.csv", csv(1));
    expect((await defs.build()).built).toMatchObject([{ version: "1.0.1", change: "patch" }]);
    expect(await read(defs)).toEqual([{ id: 1, region: "us" }]);
  });
});
