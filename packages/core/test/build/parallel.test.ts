import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { ParquetFormat } from "@mlforge/format-parquet";
import { LocalStore } from "@mlforge/store-local";
import type { RecordBatch } from "apache-arrow";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AnyFeature, batches, Definitions, feature, isMlforgeError, source, t } from "../../src/index.js";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-test-"));
  await mkdir(join(folder, "data"));
  path = join(folder, "data", "events.csv");
  await writeFile(path, "user,amount\na,1\nb,2\na,3\n");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const columns = { user: t.string(), amount: t.int64() };
type Run = (batches: AsyncIterable<RecordBatch>, options: { readonly signal: AbortSignal }) => AsyncIterable<RecordBatch>;

/** A feature whose function gives the first two rows once `until` resolves. */
function waiting(name: string, until: (signal: AbortSignal) => Promise<void>): AnyFeature {
  const run: Run = async function* (input, { signal }) {
    await until(signal);
    for await (const batch of input) yield batch.slice(0, 2);
  };
  return feature({
    name,
    source: source({ path, columns, name: "events" }),
    keys: ["user"],
    transform: batches({ columns, run, version: name }),
  });
}

function sums(name: string): AnyFeature {
  return feature({
    name,
    source: source({ path, columns, name: "events" }),
    keys: ["user"],
    transform: (rows) => rows.groupBy("user").aggregate(({ amount }) => ({ total: amount.sum() })),
  });
}

function definitionsOf(features: readonly AnyFeature[], store = "store"): Definitions {
  return new Definitions({
    name: "test",
    features,
    offlineStore: new LocalStore(join(folder, store)),
    format: new ParquetFormat(),
    engine: new DuckDBEngine({ threads: 1, tempDirectory: folder }),
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

/** What is left of staging folders. */
async function leftovers(store = "store"): Promise<readonly string[]> {
  return (await readdir(join(folder, store, ".mlforge"), { recursive: true })).filter((name) => /staging\/|tmp\//.test(name));
}

describe("features that are built side by side", () => {
  it("are as many as was asked for, and no more", async () => {
    let running = 0;
    let most = 0;
    const meeting = (size: number) => {
      let arrive: () => void = () => {};
      const full = new Promise<void>((resolve) => {
        arrive = resolve;
      });
      return async (): Promise<void> => {
        running += 1;
        most = Math.max(most, running);
        if (running === size) arrive();
        // With fewer at a time nobody would ever come in.
        await full;
        running -= 1;
      };
    };
    const together = meeting(3);
    const features = ["a", "b", "c"].map((name) => waiting(name, together));
    await using defs = definitionsOf(features);
    expect((await defs.build({ concurrency: 3 })).built.map(({ feature: name }) => name)).toEqual(["a", "b", "c"]);
    const alone = meeting(1);
    await using one = definitionsOf(
      ["a", "b", "c"].map((name) => waiting(name, alone)),
      "other",
    );
    most = 0;
    await one.build({ concurrency: 1 });
    expect(most).toBe(1);
  });

  it("give the same as one after another, in the order of the definitions", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `f${(index * 5) % 12}`);
    await using defs = definitionsOf(names.map(sums));
    await using others = definitionsOf(names.map(sums), "other");
    const told: string[] = [];
    const parallel = await defs.build({ concurrency: 6, onFeature: ({ result }) => told.push(result.feature) });
    const serial = await others.build({ concurrency: 1 });
    const comparable = ({ feature: name, version, rows, bytes }: (typeof parallel.built)[number]): unknown[] => [
      name,
      version,
      rows,
      bytes,
    ];
    expect(parallel.built.map(comparable)).toEqual(serial.built.map(comparable));
    expect(parallel.built.map(({ feature: name }) => name)).toEqual(names);
    expect(told.sort()).toEqual([...names].sort());
    expect((await defs.build({ concurrency: 6 })).skipped.map(({ feature: name }) => name)).toEqual(names);
  });

  it("go on where one of them fails", async () => {
    const broken = waiting("broken", () => Promise.reject(new Error("no")));
    await using defs = definitionsOf([broken, sums("a"), sums("b")]);
    const { built, failed, cancelled } = await defs.build({ concurrency: 3 });
    expect(built.map(({ feature: name }) => name)).toEqual(["a", "b"]);
    expect(failed.map(({ feature: name }) => name)).toEqual(["broken"]);
    expect(cancelled).toEqual([]);
  });

  it("are stopped with failFast where one of them fails: those in work, and those not begun", async () => {
    let begun: () => void = () => {};
    const works = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const endless = waiting("endless", (signal) => {
      begun();
      return aborted(signal);
    });
    const broken = waiting("broken", async () => {
      await works;
      throw new Error("no");
    });
    await using defs = definitionsOf([endless, broken, sums("a"), sums("b")]);
    const { built, failed, cancelled } = await defs.build({ concurrency: 2, failFast: true });
    expect(built).toEqual([]);
    expect(failed.map(({ feature: name, error }) => [name, error.code])).toEqual([["broken", "TRANSFORM_FAILED"]]);
    expect(cancelled).toEqual(["endless", "a", "b"]);
    expect(await leftovers()).toEqual([]);
    expect((await defs.versions.list("a")).versions).toEqual([]);
  });

  it("leave nothing behind when they are aborted in the middle", async () => {
    const controller = new AbortController();
    let begun = 0;
    const endless = ["a", "b"].map((name) =>
      waiting(name, (signal) => {
        begun += 1;
        if (begun === 2) controller.abort(new Error("enough"));
        return signal.aborted ? Promise.reject(signal.reason) : aborted(signal);
      }),
    );
    await using defs = definitionsOf(endless);
    await expect(defs.build({ concurrency: 2, signal: controller.signal })).rejects.toThrow("enough");
    expect(await leftovers()).toEqual([]);
  });

  it("refuse a source that was overwritten in place, with its size and time restored", async () => {
    // Stats round to microseconds what utimes takes.
    await utimes(path, 1_000_000, 1_000_000);
    const before = await stat(path);
    const slow = waiting("slow", async () => {
      const text = await readFile(path, "utf8");
      // The same inode, as of a program that writes into the file.
      await writeFile(path, text.replace(/\d/g, "7"), { flag: "r+" });
      await utimes(path, before.atime, before.mtime);
      const now = await stat(path);
      expect([now.size, now.mtimeMs, now.ino]).toEqual([before.size, before.mtimeMs, before.ino]);
    });
    await using defs = definitionsOf([slow]);
    const { built, failed } = await defs.build();
    expect(built).toEqual([]);
    expect(failed.map(({ feature: name, error }) => [name, error.code])).toEqual([["slow", "SOURCE_CHANGED"]]);
  });

  it("see a source that changed while others were computed, and build what it is then", async () => {
    const slow = waiting("slow", () => writeFile(path, "user,amount\na,10\nb,20\n"));
    await using defs = definitionsOf([slow, sums("after")]);
    const { built, failed } = await defs.build({ concurrency: 1 });
    expect(failed.map(({ feature: name, error }) => [name, error.code])).toEqual([["slow", "SOURCE_CHANGED"]]);
    expect(built.map(({ feature: name }) => name)).toEqual(["after"]);
    const rows: unknown[] = [];
    for await (const row of (await defs.readFeature("after")).rows()) rows.push(row);
    expect(rows).toEqual([
      { user: "a", total: 10 },
      { user: "b", total: 20 },
    ]);
  });

  it("say how long each step took", async () => {
    await using defs = definitionsOf([sums("a")]);
    const [built] = (await defs.build()).built;
    expect(Object.keys(built?.seconds ?? {}).sort()).toEqual(["checking", "computing", "publishing", "reading"]);
    expect(Object.values(built?.seconds ?? {}).every((seconds) => seconds >= 0 && seconds < 60)).toBe(true);
    const [skipped] = (await defs.build()).skipped;
    expect(Object.keys(skipped?.seconds ?? {})).toEqual(["reading"]);
  });

  it.each([0, -1, 1.5, Number.NaN])("cannot be %d at a time", async (concurrency) => {
    await using defs = definitionsOf([sums("a")]);
    await expect(defs.build({ concurrency })).rejects.toSatisfy((error) => isMlforgeError(error, "USAGE_INVALID"));
  });
});
