import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { ParquetFormat } from "@mlforge/format-parquet";
import { type Engine, MlforgeError, mapScans, type Store } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { interceptStore, memoryStore, type Recording, recordingStore } from "@mlforge/testkit/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";
import { memoryRemote } from "./memory-remote.js";

const wideColumns = 50;
let folder: string;
let events: Uint8Array;
let engine: DuckDBEngine;

/** Files that DuckDB writes on its own. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-remote-"));
  engine = new DuckDBEngine();
  const connection = await (await DuckDBInstance.create()).connect();
  await connection.run(
    `COPY (SELECT 'u' || (i % 10) AS user, i AS amount, make_timestamp(i * 60000000) AS at FROM range(2000) r(i)) TO '${join(folder, "e.parquet")}'`,
  );
  const columns = Array.from({ length: wideColumns }, (_, index) => `(hash(i * ${index + 3}) % 1000000007)::BIGINT AS c${index}`);
  await connection.run(
    `COPY (SELECT i AS id, ${columns.join(", ")} FROM range(60000) r(i)) TO '${join(folder, "w.parquet")}' (ROW_GROUP_SIZE 20480)`,
  );
  connection.closeSync();
  events = await readFile(join(folder, "e.parquet"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** The engine's calls, to be replaced one by one. */
function engineOf(): Engine {
  return {
    specVersion: engine.specVersion,
    name: engine.name,
    version: engine.version,
    capabilities: engine.capabilities,
    describe: (plan, options) => engine.describe(plan, options),
    run: (plan, options) => engine.run(plan, options),
    write: (plan, target, options) => engine.write(plan, target, options),
    [Symbol.asyncDispose]: async () => {},
  };
}

let bucket: Store;
let recording: Recording;
let cache: { path: string };
beforeEach(async () => {
  recording = recordingStore(memoryStore());
  bucket = recording.store;
  cache = { path: await mkdtemp(join(folder, "cache-")) };
});

const columns = { user: t.string(), amount: t.int64(), at: t.timestamp() };

function totalsOf(path: string | readonly string[]) {
  return feature({
    name: "totals",
    source: source({ name: "events", path, columns, timestamp: "at" }),
    keys: ["user"],
    transform: (rows) => rows.groupBy("user").aggregate(({ amount }) => ({ total: amount.sum() })),
  });
}

function definitions<F extends ReturnType<typeof totalsOf>>(only: F, options: { store?: Store; format?: ParquetFormat } = {}) {
  return new Definitions({
    name: "test",
    features: [only],
    offlineStore: options.store ?? new LocalStore(join(folder, "unused")),
    engine,
    format: options.format,
    remotes: [memoryRemote(bucket)],
    cache,
  });
}

/** The sum of every tenth number below 2,000, from `user` on. */
function expectedTotals(): { user: string; total: number }[] {
  return Array.from({ length: 10 }, (_, user) => ({
    user: `u${user}`,
    total: Array.from({ length: 200 }, (_unused, index) => index * 10 + user).reduce((sum, amount) => sum + amount, 0),
  }));
}

async function rowsOf(defs: { readFeature: Definitions["readFeature"] }): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const row of (await defs.readFeature("totals")).rows()) rows.push(row);
  return rows;
}

describe("a store that is no folder", () => {
  it.each([undefined, new ParquetFormat()])("is built into and read back, with an engine or a format", async (format) => {
    await bucket.put("data/e.parquet", events);
    const defs = definitions(totalsOf("mem://data/e.parquet"), { store: memoryStore(), ...(format === undefined ? {} : { format }) });
    expect((await defs.build()).failed).toEqual([]);
    expect(await rowsOf(defs)).toEqual(expectedTotals());
    expect(await rowsOf(defs)).toEqual(expectedTotals());
  });

  it("takes requests: three for nothing to do, and for a publish the claim, the data, the metadata and the pointer", async () => {
    const { store, operations } = recordingStore(memoryStore());
    await bucket.put("e.parquet", events);
    const defs = definitions(totalsOf("mem://e.parquet"), { store });
    await defs.build();
    const publish = operations.slice(operations.findIndex(({ name }) => name === "put")).map(({ name, key }) => `${name} ${key}`);
    expect(publish).toEqual([
      "put totals/1.0.0/.claim.json",
      "put totals/1.0.0/data.parquet",
      "put totals/1.0.0/.meta.json",
      "put totals/_latest.json",
    ]);
    const [before, sourceBefore] = [operations.length, recording.operations.length];
    expect((await defs.build()).skipped).toHaveLength(1);
    expect(operations.length - before + recording.operations.length - sourceBefore).toBe(3);
    expect([...operations, ...recording.operations].filter(({ name }) => name === "list")).toEqual([]);
  });

  it("finds data that was replaced behind its back, and reads on from the cache what was fetched before", async () => {
    const store = memoryStore();
    await bucket.put("e.parquet", events);
    const defs = definitions(totalsOf("mem://e.parquet"), { store });
    await defs.build();
    const original = await bytesIn(store, "totals/1.0.0/data.parquet");
    for (const bytes of [flipped(original, 40), original.subarray(0, 100), new Uint8Array(original.length)]) {
      await store.put("totals/1.0.0/data.parquet", bytes);
      await expect(rowsOf(defs)).rejects.toMatchObject({ code: "DATA_CORRUPT" });
    }
    // Another etag, the same bytes: a copied bucket.
    await store.put("totals/1.0.0/data.parquet", original);
    expect(await rowsOf(defs)).toEqual(expectedTotals());
    await store.put("totals/1.0.0/data.parquet", flipped(original, 40));
    expect(await rowsOf(defs)).toEqual(expectedTotals());
  });

  it("notices with verify that the cache itself went bad, and fetches again", async () => {
    const store = memoryStore();
    await bucket.put("e.parquet", events);
    const defs = definitions(totalsOf("mem://e.parquet"), { store });
    await defs.build();
    const verified = async (): Promise<number> => {
      let count = 0;
      for await (const batch of (await defs.readFeature("totals", { verify: true })).batches()) count += batch.numRows;
      return count;
    };
    expect(await verified()).toBe(10);
    const { files } = await defs.versions.inspect("totals");
    const entry = join(cache.path, "files", files[0]?.sha256 ?? "");
    const [data = ""] = (await readdir(entry)).filter((name) => name.endsWith(".data"));
    const good = await readFile(join(entry, data));
    await writeFile(join(entry, data), flipped(good, 40));
    expect(await verified()).toBe(10);
    expect((await readFile(join(entry, data))).equals(good)).toBe(true);
  });
});

describe("a source in another place", () => {
  it("is found by a glob, in the order of the keys, with a list below its folder alone", async () => {
    for (const key of ["a/2.parquet", "a/1.parquet", "a/1.csv", "b/3.parquet", "a/x/4.parquet"]) await bucket.put(key, events);
    const defs = definitions(totalsOf("mem://a/*.parquet"), { store: memoryStore() });
    const before = recording.operations.length;
    await defs.build();
    const read = recording.operations.slice(before);
    expect(read.filter(({ name }) => name === "list").map(({ key }) => key)).toEqual(["a/"]);
    expect(new Set(read.filter(({ name }) => name === "get").map(({ key }) => key))).toEqual(new Set(["a/1.parquet", "a/2.parquet"]));
    expect(await rowsOf(defs)).toEqual(expectedTotals().map(({ user, total }) => ({ user, total: 2 * total })));
  });

  it("is told by its state, without being read; the same bytes under another etag are another state", async () => {
    await bucket.put("e.parquet", events);
    const defs = definitions(totalsOf("mem://e.parquet"), { store: memoryStore() });
    await defs.build();
    const before = recording.operations.length;
    expect((await defs.build()).skipped).toMatchObject([{ version: "1.0.0", reason: "nothing changed" }]);
    expect(recording.operations.slice(before).map(({ name }) => name)).toEqual(["head"]);
    await bucket.put("e.parquet", events);
    expect((await defs.build()).built).toMatchObject([{ version: "1.0.1", change: "patch" }]);
  });

  it("that is not there, is empty, or vanishes between the list and the get fails by its URL and publishes nothing", async () => {
    const store = memoryStore();
    const failure = async (path: string) => (await definitions(totalsOf(path), { store }).build()).failed[0]?.error;
    expect(await failure("mem://none.parquet")).toMatchObject({ code: "SOURCE_NOT_FOUND", details: { path: "mem://none.parquet" } });
    expect(await failure("mem://none/*.parquet")).toMatchObject({ code: "SOURCE_NOT_FOUND" });
    expect(await failure("other://none.parquet")).toMatchObject({ code: "CAPABILITY_MISSING" });
    await bucket.put("empty.parquet", new Uint8Array());
    expect(await failure("mem://empty.parquet")).toMatchObject({ code: "SOURCE_UNREADABLE" });
    await bucket.put("text.parquet", new TextEncoder().encode("no parquet at all, but long enough"));
    const unreadable = await failure("mem://text.parquet");
    expect(unreadable).toMatchObject({ code: "SOURCE_UNREADABLE", details: { path: "mem://text.parquet" } });
    expect(unreadable?.message).not.toContain(cache.path);
    await bucket.put("gone/e.parquet", events);
    const inner = bucket;
    bucket = interceptStore(inner, async ({ phase, operation }) => {
      if (phase === "before" && operation.name === "get") await inner.delete(operation.key);
    });
    expect(await failure("mem://gone/*.parquet")).toMatchObject({ code: "SOURCE_CHANGED" });
    expect(await keysIn(store)).toEqual([]);
  });

  it("that changes while it is read fails with SOURCE_CHANGED", async () => {
    const store = memoryStore();
    await bucket.put("e.parquet", events);
    const inner = bucket;
    let gets = 0;
    bucket = interceptStore(inner, async ({ phase, operation }) => {
      if (phase === "before" && operation.name === "get" && ++gets === 1) await inner.put(operation.key, events);
    });
    expect((await definitions(totalsOf("mem://e.parquet"), { store }).build()).failed[0]?.error).toMatchObject({ code: "SOURCE_CHANGED" });
    expect(await keysIn(store)).toEqual([]);
  });

  it("whose state another call has come to know meanwhile is not read in place of the one that was found", async () => {
    await bucket.put("e.parquet", events);
    const defs = definitions(totalsOf("mem://e.parquet"), { store: memoryStore() });
    await defs.build();
    const choose = () => defs.getTrainingData({ labels: "mem://e.parquet", features: ["totals"], onWarning: () => {} });
    const before = await choose();
    await bucket.put("e.parquet", events);
    const after = await choose();
    await expect(before.table()).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
    expect((await after.table()).numRows).toBe(2000);
  });

  it("that is many objects takes one list, and no request for the state of each", async () => {
    for (let index = 0; index < 20; index++) await bucket.put(`many/${index}.parquet`, events);
    await definitions(totalsOf("mem://many/*.parquet"), { store: memoryStore() }).build();
    expect(recording.operations.filter(({ name }) => name === "head")).toEqual([]);
    expect(recording.operations.filter(({ name }) => name === "list")).toHaveLength(1);
  });

  it("is left to an engine that reads it there", async () => {
    await bucket.put("e.parquet", events);
    const given: string[][] = [];
    const native: Engine = {
      ...engineOf(),
      capabilities: { ...engine.capabilities, reads: ["file", "mem"] },
      write: async (plan) => {
        mapScans(plan, (scan) => {
          given.push([...scan.paths]);
          return scan;
        });
        throw new MlforgeError("TRANSFORM_FAILED", "seen", { where: "test" });
      },
    };
    const defs = new Definitions({
      name: "native",
      features: [totalsOf("mem://e.parquet")],
      offlineStore: memoryStore(),
      engine: native,
      remotes: [memoryRemote(bucket)],
      cache,
    });
    expect((await defs.build()).failed).toMatchObject([{ error: { code: "TRANSFORM_FAILED" } }]);
    expect(given).toEqual([["mem://e.parquet"]]);
  });

  it("gives labels, and takes a training set", async () => {
    await bucket.put("e.parquet", events);
    const defs = definitions(totalsOf("mem://e.parquet"), { store: memoryStore() });
    await defs.build();
    const training = await defs.getTrainingData({ labels: "mem://e.parquet", features: ["totals"], onWarning: () => {} });
    expect(await training.write("mem://out/train.parquet")).toEqual({ rows: 2000, path: "mem://out/train.parquet" });
    const again = await defs.getTrainingData({ lock: training.lock });
    let rows = 0;
    for await (const row of again.rows()) {
      rows += 1;
      if (rows === 13) expect(row).toMatchObject({ user: "u2", amount: 12, total: expectedTotals()[2]?.total });
    }
    expect(rows).toBe(2000);
    // An equality, for which DuckDB looks into the filters of the file.
    const { features } = await defs.explainRow({ row: { user: "u2" }, features: ["totals"] });
    expect(features).toMatchObject([{ outcome: "found", newest: { values: { total: BigInt(expectedTotals()[2]?.total ?? 0) } } }]);
    expect((await defs.explainRow({ row: { user: "none" }, features: ["totals"] })).features).toMatchObject([{ outcome: "no_rows" }]);
    const connection = await (await DuckDBInstance.create()).connect();
    const file = join(folder, "train.parquet");
    await writeFile(file, await bytesIn(bucket, "out/train.parquet"));
    const reader = await connection.runAndReadAll(`SELECT count(*)::INT, sum(total)::BIGINT FROM '${file}'`);
    expect(reader.getRowsJson()).toEqual([[2000, String(200 * expectedTotals().reduce((sum, { total }) => sum + total, 0))]]);
    connection.closeSync();
  });
});

describe("two columns of fifty", () => {
  it("are at most 1.15 times their bytes, the footer aside, and no bytes the second time", async () => {
    const { store, operations } = recordingStore(memoryStore());
    const wideSource = source({ name: "wide", path: join(folder, "w.parquet") });
    const all = feature({ name: "all", source: wideSource, keys: ["id"], transform: (rows) => rows });
    const defs = new Definitions({ name: "test", features: [all], offlineStore: store, engine, cache });
    expect((await defs.build()).failed).toEqual([]);
    const data = await bytesIn(store, "all/1.0.0/data.parquet");
    await writeFile(join(folder, "all.parquet"), data);
    const connection = await (await DuckDBInstance.create()).connect();
    const sizes = await connection.runAndReadAll(
      `SELECT sum(total_compressed_size)::INT FROM parquet_metadata('${join(folder, "all.parquet")}') WHERE path_in_schema IN ('id', 'c7', 'c33')`,
    );
    connection.closeSync();
    const wanted = Number(sizes.getRowsJson()[0]?.[0]);
    const footer = new DataView(data.buffer, data.byteOffset + data.length - 8, 4).getUint32(0, true);
    const read = async (): Promise<number> => {
      const before = operations.length;
      const training = await defs.getTrainingData({
        labels: [{ id: 5 }, { id: 59_999 }],
        features: [{ feature: "all", columns: ["c7", "c33"] }],
        onWarning: () => {},
      });
      expect([...(await training.table())].map((row) => Number(row?.id))).toEqual([5, 59_999]);
      return operations
        .slice(before)
        .reduce((sum, { name, key, bytes }) => sum + (name === "get" && key.endsWith("parquet") ? bytes : 0), 0);
    };
    const fetched = await read();
    expect(fetched).toBeGreaterThan(wanted);
    expect(fetched).toBeLessThanOrEqual(1.15 * wanted + Math.max(footer + 8, 64 * 1024));
    expect(fetched).toBeLessThan(data.length / 8);
    expect(await read()).toBe(0);
  });
});

async function bytesIn(store: Store, key: string): Promise<Uint8Array> {
  await using result = await store.get(key);
  const parts: Uint8Array[] = [];
  for await (const part of result.body) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

async function keysIn(store: Store): Promise<string[]> {
  const keys: string[] = [];
  for await (const entry of store.list("")) if (entry.kind === "object") keys.push(entry.info.key);
  return keys;
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
}
