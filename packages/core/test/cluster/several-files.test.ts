import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { ParquetFormat } from "@mlforge/format-parquet";
import type { Engine, Store } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { interceptStore, type RecordedOperation, recordingStore } from "@mlforge/testkit/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Definitions, feature, inRange, isMlforgeError, source, t } from "../../src/index.js";
import { folderEngine } from "./folder-engine.js";

const parts = 3;
const names = Array.from({ length: parts }, (_, part) => `part-0000${part}.parquet`);

let folder: string;
let root: string;
let today: string;
beforeEach(async () => {
  today = "2026-02-01T00:00:00Z";
  folder = await mkdtemp(join(tmpdir(), "mlforge-cluster-"));
  root = join(folder, "store");
  await writeOrders(1);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Writes ten orders of users, in no order. */
async function writeOrders(factor: number): Promise<void> {
  const lines = Array.from({ length: 10 }, (_, user) => `u${(user * 7) % 10},2026-01-01T00:00:0${user}Z,${user * factor}`);
  await writeFile(join(folder, "orders.csv"), `user,at,amount\n${lines.join("\n")}\n`);
}

/** A store without a staging folder, as a bucket is one: an engine can write to where it is. */
function bucket(inner: Store): Store {
  return Object.defineProperty(
    interceptStore(inner, () => undefined),
    "stage",
    { value: undefined },
  );
}

function definitionsOf(offlineStore: Store, engine: Engine, max = 1_000) {
  const columns = { user: t.string(), at: t.timestamp(), amount: t.int64() };
  const orders = source({ path: join(folder, "orders.csv"), columns, timestamp: "at" });
  const spent = feature({ name: "spent", source: orders, keys: ["user"], validators: [inRange("amount", { min: 0, max })] });
  const twice = feature({
    name: "twice",
    source: orders,
    keys: ["user"],
    transform: (rows) => rows.derive(({ amount }) => ({ double: amount.times(2) })).select("user", "at", "double"),
  });
  return new Definitions({
    name: "shop",
    features: [spent, twice],
    offlineStore: Object.defineProperty(offlineStore, "clock", { value: async () => new Date(today), configurable: true }),
    engine,
    format: new ParquetFormat(),
    by: "ada",
    now: () => new Date(today),
  });
}

const labels = [
  { user: "u3", at: new Date("2026-01-02T00:00:00Z"), late: true },
  { user: "u0", at: new Date("2026-01-02T00:00:00Z"), late: false },
  { user: "u9", at: new Date("2025-01-02T00:00:00Z"), late: false },
];

async function rowsOf(defs: ReturnType<typeof definitionsOf>): Promise<unknown[]> {
  const training = await defs.getTrainingData({ labels, timestamp: "at", features: ["spent", "twice"] });
  const rows: unknown[] = [];
  for await (const row of training.rows()) rows.push(row);
  return rows;
}

/** The bytes of data that calls on the store moved through this process. */
function moved(operations: readonly RecordedOperation[]): number {
  const isData = ({ name, key }: RecordedOperation): boolean => (name === "get" || name === "put") && key.endsWith(".parquet");
  return operations.filter(isData).reduce((sum, { bytes }) => sum + bytes, 0);
}

describe.each([
  ["where the store is", true],
  ["in the staging folder of the store", false],
])("an engine that writes several files %s", (_, inPlace) => {
  const open = (): Store => (inPlace ? bucket(new LocalStore(root)) : new LocalStore(root));

  it("builds versions that hold what one file holds, in the same order", async () => {
    const { engine } = folderEngine(parts, true);
    await using defs = definitionsOf(open(), engine);
    const { built, failed } = await defs.build();
    expect(failed).toEqual([]);
    expect(built.map(({ feature: name, version, rows }) => [name, version, rows])).toEqual([
      ["spent", "1.0.0", 10],
      ["twice", "1.0.0", 10],
    ]);
    expect((await readdir(join(root, "spent/1.0.0"))).sort()).toEqual([".claim.json", ".meta.json", ...names]);
    const metadata = await defs.versions.inspect("spent");
    expect(metadata.path).toBe("spent/1.0.0");
    expect(metadata.files.map((file) => file.path)).toEqual(names);

    await using one = definitionsOf(new LocalStore(join(folder, "one")), new DuckDBEngine({ threads: 1 }));
    await one.build();
    const all = async (of: typeof defs): Promise<unknown[]> => {
      const found: unknown[] = [];
      for await (const row of (await of.readFeature("spent", { verify: true })).rows()) found.push(row);
      return found;
    };
    expect(await all(defs)).toEqual(await all(one));
    expect(await rowsOf(defs)).toEqual(await rowsOf(one));
    const { features } = await defs.explainRow({ row: labels[0], timestamp: "at", features: ["spent"] });
    expect(features.map(({ outcome, newest }) => [outcome, newest?.values])).toEqual([["found", { amount: 9n }]]);
    await writeOrders(2);
    expect((await defs.build()).built.map(({ version }) => version)).toEqual(["1.0.1", "1.0.1"]);
    await one.build();
    const { bytes: _, ...difference } = await defs.versions.diff("spent", { from: "1.0.0", to: "1.0.1" });
    expect(await one.versions.diff("spent", { from: "1.0.0", to: "1.0.1" })).toMatchObject(difference);
    expect(await defs.store.verify()).toMatchObject({ problems: [] });
  });

  it("writes training sets as folders", async () => {
    const { engine } = folderEngine(parts, true);
    await using defs = definitionsOf(open(), engine);
    await defs.build();
    const training = await defs.getTrainingData({ labels, timestamp: "at", features: ["spent", "twice"] });
    const path = join(folder, "train.parquet");
    expect(await training.write(path)).toEqual({ rows: 3, path });
    expect((await readdir(path)).sort()).toEqual(names);
    await using one = definitionsOf(new LocalStore(root), new DuckDBEngine({ threads: 1 }));
    const written = source({ path: join(path, "*.parquet"), timestamp: "at" });
    const again = await one.getTrainingData({ labels: written, timestamp: "at", features: [] });
    const rows: unknown[] = [];
    for await (const row of again.rows()) rows.push(row);
    expect(rows).toEqual(await rowsOf(defs));
    expect((await readdir(folder)).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("rebuilds the files of a version that are gone, byte for byte, and no others", async () => {
    const { engine } = folderEngine(parts, true);
    await using defs = definitionsOf(open(), engine);
    await defs.build();
    const path = join(root, "spent/1.0.0", names[1] ?? "");
    const before = await readFile(path);
    await rm(path);
    expect((await defs.store.verify()).problems.map(({ kind }) => kind)).toEqual(["data-missing"]);
    const { synced, failed } = await defs.sync();
    expect(failed).toEqual([]);
    expect(synced.map(({ feature: name, version }) => `${name} ${version}`)).toEqual(["spent 1.0.0"]);
    expect(await readFile(path)).toEqual(before);
    expect(await defs.store.verify()).toMatchObject({ problems: [] });
  });

  it("leaves a version as it is that it cannot rebuild", async () => {
    const { engine } = folderEngine(parts, true);
    await using defs = definitionsOf(open(), engine);
    await defs.build();
    await rm(join(root, "spent/1.0.0", names[1] ?? ""));
    await using others = definitionsOf(open(), folderEngine(parts + 1, true).engine);
    const { failed } = await others.sync();
    const error = failed[0]?.error;
    if (!isMlforgeError(error, "SYNC_MISMATCH")) throw error ?? new Error("it was rebuilt");
    expect(error.details.problems).toEqual([
      `its data has the files ${names.join(", ")}, but folders writes ${names.join(", ")}, part-00003.parquet`,
    ]);
    expect((await readdir(join(root, "spent/1.0.0"))).sort()).toEqual([".claim.json", ".meta.json", names[0], names[2]]);
  });

  it("publishes nothing if the engine reports sizes that the files do not have", async () => {
    const { engine } = folderEngine(parts, true);
    const wrong: Engine = {
      ...engine,
      write: async (plan, target, options) => {
        const { rows, files } = await engine.write(plan, target, options);
        return { rows, files: files.map((file) => ({ ...file, size: (file.size ?? 0) + 1 })) };
      },
    };
    await using defs = definitionsOf(open(), wrong);
    const { failed } = await defs.build({ features: ["spent"] });
    expect(failed.map(({ error }) => isMlforgeError(error) && error.code)).toEqual(["DATA_CORRUPT"]);
    expect(await defs.versions.latest("spent")).toBeUndefined();
  });

  it("removes all files of a version that is pruned", async () => {
    const { engine } = folderEngine(parts, true);
    await using defs = definitionsOf(open(), engine);
    await defs.build();
    await writeOrders(2);
    await defs.build();
    today = "2026-03-01T00:00:00Z";
    const { failed, features } = await defs.store.prune({ keep: 1, olderThan: "1d", dryRun: false });
    expect(failed).toEqual([]);
    expect(features.flatMap(({ removed }) => removed.map(({ version }) => version))).toEqual(["1.0.0", "1.0.0"]);
    expect(await readdir(join(root, "spent/1.0.0"))).toEqual([".claim.json"]);
    expect((await readdir(join(root, "spent/1.0.1"))).length).toBe(2 + parts);
  });

  it("reads the files to find their hashes if the engine does not report them", async () => {
    await using defs = definitionsOf(open(), folderEngine(parts, false).engine);
    await defs.build();
    expect(await defs.store.verify()).toMatchObject({ problems: [] });
  });
});

describe("an engine that writes to where the store is", () => {
  it("writes after the number is claimed, and moves no data through this process", async () => {
    const recording = recordingStore(new LocalStore(root));
    const { operations } = recording;
    const claimed: string[] = [];
    const { engine, targets } = folderEngine(parts, true, () => {
      claimed.push(
        ...operations
          .filter(({ name, key, outcome }) => name === "put" && key.endsWith(".claim.json") && outcome === "done")
          .map(({ key }) => key),
      );
    });
    await using defs = definitionsOf(Object.defineProperty(recording.store, "stage", { value: undefined }), engine);
    await defs.build({ features: ["spent"] });
    expect(claimed).toEqual(names.map(() => "spent/1.0.0/.claim.json"));
    expect(targets).toEqual([recording.store.locate("spent/1.0.0")]);
    expect(moved(operations)).toBe(0);
    await rm(join(root, "spent/1.0.0", names[0] ?? ""));
    await defs.sync();
    expect(moved(operations)).toBe(0);
    expect(operations.filter(({ name }) => name === "copy").map(({ key }) => key)).toEqual(names.map((name) => `spent/1.0.0/${name}`));
    expect((await readdir(join(root, "spent/1.0.0"))).length).toBe(2 + parts);
  });

  it("uses up the number of a version that fails its checks, and leaves nothing else", async () => {
    const { engine } = folderEngine(parts, true);
    const store = bucket(new LocalStore(root));
    {
      await using strict = definitionsOf(store, engine, 5);
      const { failed } = await strict.build({ features: ["spent"] });
      expect(failed.map(({ error }) => isMlforgeError(error) && error.code)).toEqual(["VALIDATION_FAILED"]);
      expect(await readdir(join(root, "spent/1.0.0"))).toEqual([".claim.json"]);
    }
    await using defs = definitionsOf(store, folderEngine(parts, true).engine);
    expect((await defs.build({ features: ["spent"] })).built.map(({ version }) => version)).toEqual(["1.0.1"]);
  });

  it("can be killed before each of its files and at each call on the store: the next build is sound", async () => {
    const die = new Error("killed");
    /** Runs a build that dies at the moment with this number. Returns false if it ended before. */
    const killedAt = async (fatal: number): Promise<boolean> => {
      let moments = 0;
      let dead = false;
      const moment = (): void => {
        dead ||= moments === fatal;
        moments += 1;
        // A dead process does nothing any more, so it cannot clean up either.
        if (dead) throw die;
      };
      const inner = new LocalStore(root);
      const store = Object.defineProperty(interceptStore(inner, moment), "stage", { value: undefined });
      await using defs = definitionsOf(store, folderEngine(parts, true, moment).engine);
      await defs.build({ features: ["spent"] });
      return dead;
    };
    let kills = 0;
    for (; ; kills++) {
      await rm(root, { recursive: true, force: true });
      if (!(await killedAt(kills))) break;
      await using defs = definitionsOf(bucket(new LocalStore(root)), folderEngine(parts, true).engine);
      const next = await defs.build({ features: ["spent"] });
      expect(next.failed, `killed at ${kills}`).toEqual([]);
      expect((await rowsOfFeature(defs)).length, `killed at ${kills}`).toBe(10);
      const { problems } = await defs.store.verify();
      expect(problems, `killed at ${kills}`).toEqual([]);
    }
    expect(kills).toBeGreaterThan(15);
  }, 120_000);
});

async function rowsOfFeature(defs: ReturnType<typeof definitionsOf>): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const row of (await defs.readFeature("spent", { verify: true })).rows()) rows.push(row);
  return rows;
}
