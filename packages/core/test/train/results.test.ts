import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { Engine } from "@mlforge/spec";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";
import { collect } from "./collect.js";
import { failureOf } from "./failure-of.js";
import { flightLabels, flightsIn, writeFlights } from "./flights.js";

const engine = new DuckDBEngine({ threads: 1 });
afterAll(() => engine[Symbol.asyncDispose]());

let folder: string;
let defs: ReturnType<typeof flightsIn>;
/** Where all that is temporary goes, as long as a test runs. */
let temporary: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-training-"));
  await writeFlights(folder);
  defs = flightsIn(folder, engine);
  await defs.build();
  temporary = join(folder, "temporary");
  await mkdir(temporary);
  await mkdir(join(folder, "out"));
  vi.stubEnv("TMPDIR", temporary);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const given = { labels: flightLabels, timestamp: "at" } as const;
const expected = [null, 10, 30, 20, null].map((delay, index) => ({
  ...flightLabels[index],
  delay,
  share: delay === 20 ? null : delay && delay / 20,
}));

/** Returns the rows that DuckDB itself reads with a query, with integers as strings. */
async function raw(query: string): Promise<readonly unknown[]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(query)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The real engine, during which `stop` is called as soon as the file is there that the result is written to. */
function engineStoppedWhileWriting(stop: () => void): Engine {
  return {
    specVersion: 1,
    name: engine.name,
    version: engine.version,
    capabilities: engine.capabilities,
    describe: (plan, options) => engine.describe(plan, options),
    run: (plan, options) => engine.run(plan, options),
    async write(plan, target, options) {
      let running = true;
      const written = engine.write(plan, target, options).finally(() => {
        running = false;
      });
      const path = fileURLToPath(target.url);
      while (path.endsWith(".partial") && running && !existsSync(path)) await setImmediate();
      if (path.endsWith(".partial")) stop();
      return written;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function expectNothingLeft(): Promise<void> {
  expect(await readdir(temporary)).toEqual([]);
  expect((await readdir(join(folder, "out"))).filter((name) => name.startsWith("."))).toEqual([]);
}

describe("a training set", () => {
  it("gives the same rows as objects, batches and a table, each time it is asked", async () => {
    const seattle = { name: "Seattle", runways: 3 };
    const places = [seattle, seattle, seattle, { name: "San Francisco", runways: 4 }, { name: null, runways: null }];
    for (const features of [["delay"], ["delay", "place"]] as const) {
      const training = await defs.getTrainingData({ ...given, features });
      const rows = features.length === 1 ? expected : expected.map((row, index) => ({ ...row, ...places[index] }));
      expect(await collect(training.rows())).toEqual(rows);
      expect(await collect(training.rows())).toEqual(rows);
      const batches = await collect(training.batches());
      expect(batches.flatMap((batch) => [...batch]).map((row) => row.delay)).toEqual([null, 10n, 30n, 20n, null]);
      const table = await training.table();
      expect(table.schema.fields.map(({ name }) => name)).toEqual(training.columns.map(({ name }) => name));
      expect([...table].map((row) => row.id)).toEqual([1n, 2n, 3n, 4n, 5n]);
    }
    await expectNothingLeft();
  });

  it("gives large integers as bigint where asked, and refuses to round them", async () => {
    const training = await defs.getTrainingData({ labels: [{ big: 2n ** 53n }], features: [] });
    expect(await collect(training.rows({ int64: "bigint" }))).toEqual([{ big: 2n ** 53n }]);
    const { details } = await failureOf(collect(training.rows()), "NUMBER_UNSAFE", "bigint");
    expect(details).toEqual({ column: "big", value: "9007199254740992" });
    await expectNothingLeft();
  });

  it("leaves nothing behind where reading stops early", async () => {
    const training = await defs.getTrainingData({ ...given, features: ["delay", "place"] });
    for await (const row of training.rows()) {
      expect(row.id).toBe(1);
      break;
    }
    await expectNothingLeft();
  });

  it("is made without a write into the store", async () => {
    const store = join(folder, "store");
    const before = await snapshot(store);
    for (const { name, parentPath } of await readdir(store, { recursive: true, withFileTypes: true }))
      await chmod(join(parentPath, name), 0o555);
    await chmod(store, 0o555);
    const training = await defs.getTrainingData({ ...given, features: ["delay", "place@^1.0"] });
    expect(await collect((await defs.getTrainingData({ lock: training.lock, labels: flightLabels })).rows())).toHaveLength(5);
    await training.write(join(folder, "out", "train.parquet"));
    expect(await snapshot(store)).toEqual(before);
    for (const { name, parentPath } of await readdir(store, { recursive: true, withFileTypes: true }))
      await chmod(join(parentPath, name), 0o755);
    await chmod(store, 0o755);
  });

  it("keeps each of several features in a file of its own, one at a time, and nothing of one", async () => {
    const files = async (features: readonly ("delay" | "recent" | "place")[]): Promise<readonly string[]> => {
      const labels = join(folder, "labels.csv");
      await writeFile(labels, "origin,at\nSEA,2024-01-03T00:00:00Z\n");
      const training = await defs.getTrainingData({
        labels,
        timestamp: "at",
        features: features.map((name) => ({ feature: name, prefix: `${name}_` })),
      });
      const seen: Promise<string>[] = [];
      for await (const _ of training.rows({ onProgress: ({ feature: joined }) => seen.push(filesNow(joined)) }));
      return [...new Set(await Promise.all(seen))];
    };
    const several = await files(["delay", "recent", "place"]);
    expect(several).toContain("delay: rows.parquet");
    expect(several).toContain("recent: feature_0.parquet rows.parquet");
    expect(several).toContain("place: feature_0.parquet feature_1.parquet rows.parquet");
    expect((await files(["delay"])).filter((seen) => !seen.endsWith(": "))).toEqual([]);
    await expectNothingLeft();
  });
});

/** The feature that is being joined, and the finished files beside the one that is written for it. */
async function filesNow(joined: string | undefined): Promise<string> {
  const [own] = await readdir(temporary);
  const names = own === undefined ? [] : await readdir(join(temporary, own));
  const rows = names.filter((name) => !name.startsWith("."));
  return `${joined}: ${rows.sort().join(" ")}`;
}

async function snapshot(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const lines = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const { size, mtimeMs, ino } = await stat(path);
    return `${path} ${entry.isFile() ? size : ""} ${mtimeMs} ${ino}`;
  });
  return (await Promise.all(lines)).sort();
}

describe("a written training set", () => {
  it("is a Parquet file that DuckDB reads as the rows are", async () => {
    const path = join(folder, "out", "train.parquet");
    const training = await defs.getTrainingData({ ...given, features: ["delay", "place"] });
    expect(await training.write(path)).toEqual({ rows: 5, path });
    const query = `SELECT id, origin, epoch_us("at") AS us, delay, share, name, runways FROM read_parquet('${path}')`;
    const rows = await collect(training.rows({ int64: "bigint", timestamp: "microseconds" }));
    const text = (value: unknown): string | null => (value === null ? null : String(value));
    expect(await raw(query)).toEqual(rows.map(({ at, ...row }) => ({ ...row, id: text(row.id), delay: text(row.delay), us: text(at) })));
    await expectNothingLeft();
  });

  it("is a CSV file that keeps commas, quotes, line breaks, nulls, timestamps and bytes", async () => {
    const path = join(folder, "out", "train.CSV");
    const labels = [
      {
        origin: "SEA",
        text: 'a, "b"\r\nc',
        at: new Date("2024-01-03T00:00:00.001Z"),
        raw: Uint8Array.of(0, 255, 10),
        n: -0.5,
        'odd, "name"': 2n ** 63n - 1n,
      },
      { origin: null, text: "", at: null, raw: new Uint8Array(), n: Number.NaN, 'odd, "name"': null },
      { origin: "SFO", text: null, at: new Date("1969-12-31T23:59:59.999Z"), raw: null, n: null, 'odd, "name"': -1 },
    ];
    const training = await defs.getTrainingData({ labels, timestamp: "at", features: [{ feature: "delay", columns: ["delay"] }] });
    expect(await training.write(path)).toEqual({ rows: 3, path });
    const names = ["origin", "text", "at", "raw", "n", "odd", "delay"];
    const query = `SELECT * FROM read_csv('${path}', all_varchar = true, allow_quoted_nulls = false, header = true, names = [${names.map((name) => `'${name}'`).join(", ")}])`;
    expect(await raw(query)).toEqual([
      {
        origin: "SEA",
        text: 'a, "b"\r\nc',
        at: "2024-01-03T00:00:00.001000Z",
        raw: "AP8K",
        n: "-0.5",
        odd: "9223372036854775807",
        delay: "30",
      },
      { origin: null, text: "", at: null, raw: "", n: "nan", odd: null, delay: null },
      { origin: "SFO", text: null, at: "1969-12-31T23:59:59.999000Z", raw: null, n: null, odd: "-1", delay: null },
    ]);
    const [header] = (await readFile(path, "utf8")).split("\n");
    expect(header).toBe('origin,text,at,raw,n,"odd, ""name""",delay');
    const back = source({
      path,
      columns: { origin: t.string(), text: t.string(), at: t.timestamp(), raw: t.bytes(), n: t.float64(), delay: t.int64() },
    });
    const rows = await collect((await defs.getTrainingData({ labels: back, features: [] })).rows());
    expect(rows).toEqual(labels.map(({ 'odd, "name"': _, ...row }, index) => ({ ...row, delay: index === 0 ? 30 : null })));
  });

  it("replaces the file that was there, also the labels themselves", async () => {
    const path = join(folder, "out", "train.parquet");
    await (await defs.getTrainingData({ ...given, features: [] })).write(path);
    const training = await defs.getTrainingData({ labels: path, timestamp: "at", features: ["delay"] });
    expect(await training.write(path)).toEqual({ rows: 5, path });
    const again = await defs.getTrainingData({ labels: path, features: [] });
    expect(await collect(again.rows())).toEqual(expected);
    await expectNothingLeft();
  });

  it.each(["train.parquet", "train.csv"])("leaves %s as it was, and nothing else, where it is aborted in the middle", async (name) => {
    const path = join(folder, "out", name);
    await writeFile(path, "what was there");
    const many = join(folder, "many.parquet");
    const columns = [{ name: "origin", kind: "string", nullable: true } as const];
    const query = "SELECT 'SEA' AS origin FROM range(3000000)";
    await engine.write({ op: "sql", query, inputs: {}, columns }, { url: pathToFileURL(many).href, format: "parquet" });
    for (const features of [["loose"], ["loose", { feature: "loose", prefix: "more_" }]] as const) {
      const abort = new AbortController();
      const reason = new Error("enough");
      const stopped = new Definitions({ ...defs, engine: engineStoppedWhileWriting(() => abort.abort(reason)) });
      const training = await stopped.getTrainingData({ labels: many, features });
      await expect(training.write(path, { signal: abort.signal })).rejects.toBe(reason);
      expect(await readFile(path, "utf8")).toBe("what was there");
      await expectNothingLeft();
    }
  });

  it("is not begun where it was aborted before", async () => {
    const training = await defs.getTrainingData({ ...given, features: ["delay"] });
    const reason = new Error("enough");
    await expect(training.write(join(folder, "out", "train.csv"), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(collect(training.rows({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    expect(await readdir(join(folder, "out"))).toEqual([]);
    await expectNothingLeft();
  });

  it("leaves nothing where a label cannot be read", async () => {
    const labels = source({ path: join(folder, "bad.csv"), columns: { origin: t.string(), n: t.int64() } });
    await writeFile(join(folder, "bad.csv"), "origin,n\nSEA,1\nSEA,many\n");
    const training = await defs.getTrainingData({ labels, features: ["place"] });
    await failureOf(training.write(join(folder, "out", "train.parquet")), "SCHEMA_MISMATCH", '"n"', "many");
    expect(await readdir(join(folder, "out"))).toEqual([]);
    await expectNothingLeft();
  });

  it.each([
    ["train.xlsx", ".parquet or .csv"],
    ["train", ".parquet or .csv"],
    ["none/train.csv", "does not exist; create it first"],
    ["folder.csv", "is a folder"],
  ])("is refused at %s before anything is computed", async (name, why) => {
    await mkdir(join(folder, "out", "folder.csv"));
    const training = await defs.getTrainingData({ ...given, features: ["delay"] });
    const told: unknown[] = [];
    await failureOf(training.write(join(folder, "out", name), { onProgress: (progress) => told.push(progress) }), "USAGE_INVALID", why);
    expect(told).toEqual([]);
    await expectNothingLeft();
  });
});

describe("a training set of odd names", () => {
  it("keeps names that mean something to SQL, and those that joins use themselves", async () => {
    const columns = { 'k"ey': t.string(), join_0: t.timestamp(), "select *": t.int64() };
    await writeFile(join(folder, "odd.csv"), '"k""ey",join_0,select *\nx,2024-01-01T00:00:00Z,1\n');
    const odd = feature({ name: "odd", source: source({ path: join(folder, "odd.csv"), columns, timestamp: "join_0" }), keys: ['k"ey'] });
    const { offlineStore } = defs;
    const own = new Definitions({ name: "odd", features: [odd], offlineStore, engine });
    await own.build();
    const labels = [{ 'k"ey': "x", join_1: 7, row: new Date("2024-01-02") }];
    const take = { feature: odd, columns: ["join_0", "select *"], rename: { "select *": "join_2" } } as const;
    for (const features of [[take], [take, { feature: odd, prefix: "'; --" }]] as const) {
      const rows = await collect((await own.getTrainingData({ labels, timestamp: "row", features })).rows());
      const more = features.length === 1 ? {} : { "'; --select *": 1 };
      expect(rows).toEqual([{ ...labels[0], join_0: new Date("2024-01-01"), join_2: 1, ...more }]);
    }
  });
});
