import { mkdir, mkdtemp, readdir, rm, stat, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { interceptStore, memoryStore, type StoreHook } from "@mlforge/testkit/store";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import {
  type AnyFeature,
  type BuiltFeature,
  Definitions,
  type Duration,
  feature,
  type Partition,
  type PlannedFeature,
  source,
  t,
} from "../../src/index.js";

const engine = new DuckDBEngine({ threads: 1 });
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-periods-"));
  await mkdir(join(folder, "events"));
  return () => rm(folder, { recursive: true, force: true });
});
afterAll(() => engine[Symbol.asyncDispose]());

const write = (name: string, ...rows: readonly string[]): Promise<void> =>
  writeFile(join(folder, "events", name), `${["at,user,amount", ...rows].join("\n")}\n`);

function daily(options: { readonly name?: string; readonly partition?: Partition; readonly ttl?: Duration } = { partition: "month" }) {
  const events = source({
    name: "events",
    path: join(folder, "events/*.csv"),
    columns: { at: t.timestamp(), user: t.string(), amount: t.int64() },
    timestamp: "at",
  });
  return feature({
    name: "daily",
    source: events,
    keys: ["user"],
    rolling: { every: "1d", windows: ["7d"], aggregations: { amount: ["sum"] } },
    ...options,
  });
}

const over = (...features: readonly AnyFeature[]): Definitions =>
  new Definitions({ name: "periods", features, offlineStore: new LocalStore(join(folder, "store")), engine });

async function built(defs: Definitions): Promise<BuiltFeature> {
  const { built: features, failed } = await defs.build();
  expect(failed).toEqual([]);
  const [only] = features;
  if (only === undefined) throw new Error("nothing was built");
  return only;
}

async function planned(defs: Definitions): Promise<PlannedFeature> {
  const [only] = (await defs.plan()).features;
  if (only === undefined || only.action === "fail") throw new Error("it cannot be planned");
  return only;
}

async function read(defs: Definitions): Promise<readonly object[]> {
  const rows: object[] = [];
  for await (const row of (await defs.readFeature("daily")).rows()) rows.push(row);
  return rows;
}

const file = (version: string, name: string): string => join(folder, "store/daily", version, name);

/** A year of events, one a month. */
async function writeYear(): Promise<void> {
  for (let month = 1; month <= 12; month++) {
    const name = String(month).padStart(2, "0");
    await write(`${name}.csv`, `2023-${name}-10T08:00:00Z,ann,${month}`);
  }
}

describe("a feature that is divided into months", () => {
  it("is computed again only where a late file changes it, without any setting", async () => {
    await writeYear();
    const defs = over(daily());
    expect((await built(defs)).periods).toMatchObject({ computed: 12, kept: 0 });
    await write("late.csv", "2023-02-27T08:00:00Z,bo,5");
    const plan = await planned(defs);
    expect(plan.periods).toMatchObject({
      partition: "month",
      computed: [
        { period: "2023-02", why: "new file late.csv" },
        { period: "2023-03", why: "new file late.csv" },
      ],
      kept: 10,
    });
    expect(await built(defs)).toMatchObject({ version: "1.0.1", change: "patch", periods: { computed: 2, kept: 10 } });
    // The window of bo empties in March.
    expect((await read(defs)).filter((row) => "user" in row && row.user === "bo")).toEqual([
      { user: "bo", at: new Date("2023-02-28T00:00:00Z"), daily__amount__sum__1d__7d: 5 },
      { user: "bo", at: new Date("2023-03-07T00:00:00Z"), daily__amount__sum__1d__7d: null },
    ]);
  });

  it("names the file that changed or is gone, and has no file for a period without rows", async () => {
    await writeYear();
    const defs = over(daily());
    await built(defs);
    await write("06.csv", "2023-06-10T08:00:00Z,ann,60");
    expect((await planned(defs)).periods?.computed).toEqual([{ period: "2023-06", why: "changed file 06.csv" }]);
    await built(defs);
    await unlink(join(folder, "events/06.csv"));
    await write("06b.csv", "2023-07-01T08:00:00Z,ann,6");
    const { periods } = await planned(defs);
    expect(periods?.computed).toEqual([{ period: "2023-07", why: "new file 06b.csv" }]);
    await built(defs);
    const files = await readdir(join(folder, "store/daily/1.0.2"));
    expect(files.filter((name) => name.endsWith(".parquet"))).not.toContain("data-2023-06.parquet");
    expect((await defs.store.verify()).problems).toEqual([]);
  });

  it("gives the same rows, and computes nothing, after its files were divided in another way", async () => {
    await writeYear();
    const defs = over(daily());
    await built(defs);
    const before = await read(defs);
    for (const name of ["01.csv", "02.csv", "03.csv"]) await unlink(join(folder, "events", name));
    await write("first.csv", ...[3, 1, 2].map((month) => `2023-0${month}-10T08:00:00Z,ann,${month}`));
    expect((await built(defs)).periods).toMatchObject({ computed: 0, kept: 12, newBytes: 0 });
    expect(await read(defs)).toEqual(before);
  });

  it("shares the bytes of what it keeps between versions, each of which stays whole", async () => {
    await writeYear();
    const defs = over(daily());
    await built(defs);
    await write("late.csv", "2023-11-05T08:00:00Z,bo,5");
    await built(defs);
    const [first, second] = [await stat(file("1.0.0", "data-2023-01.parquet")), await stat(file("1.0.1", "data-2023-01.parquet"))];
    expect([first.ino, first.nlink, second.nlink]).toEqual([second.ino, 2, 2]);
    await defs.store.prune({ keep: 1, olderThan: "0d", dryRun: false });
    expect((await stat(file("1.0.1", "data-2023-01.parquet"))).nlink).toBe(1);
    expect((await defs.store.verify()).problems).toEqual([]);
    expect(await read(defs)).toHaveLength(26);
  });

  it("computes a period whose file is gone, and all that its inputs are not recorded for is read again", async () => {
    await writeYear();
    const defs = over(daily());
    await built(defs);
    await unlink(file("1.0.0", "data-2023-05.parquet"));
    await unlink(file("1.0.0", ".inputs.json"));
    await write("late.csv", "2023-11-05T08:00:00Z,bo,5");
    expect((await built(defs)).periods).toMatchObject({ computed: 2, kept: 10 });
    expect((await defs.store.verify()).problems.filter(({ version }) => version === "1.0.1")).toEqual([]);
  });

  it("is a minor change when it becomes that, and has the newer layout", async () => {
    await writeYear();
    const defs = over(daily({}));
    expect((await built(defs)).periods).toBeUndefined();
    const before = await read(defs);
    expect(await built(over(daily()))).toMatchObject({ version: "1.1.0", change: "minor", periods: { computed: 12, kept: 0 } });
    expect(await read(over(daily()))).toEqual(before);
    const layouts = [];
    for (const version of ["1.0.0", "1.1.0"]) layouts.push((await defs.versions.inspect("daily", { version })).layout_version);
    expect(layouts).toEqual([1, 2]);
    expect(await built(over(daily({ partition: "year" })))).toMatchObject({ version: "1.2.0", change: "minor" });
  });

  it("keeps nothing in a forced build, since what it would keep may be damaged", async () => {
    await writeYear();
    const defs = over(daily());
    await built(defs);
    const before = await read(defs);
    const { size } = await stat(file("1.0.0", "data-2023-05.parquet"));
    await writeFile(file("1.0.0", "data-2023-05.parquet"), "x".repeat(size));
    const { built: forced } = await defs.build({ force: true });
    expect(forced).toMatchObject([{ version: "1.0.1", periods: { computed: 12, kept: 0 } }]);
    expect(await read(defs)).toEqual(before);
  });

  it("is rebuilt byte for byte by sync", async () => {
    await writeYear();
    const defs = over(daily());
    await built(defs);
    await unlink(file("1.0.0", "data-2023-05.parquet"));
    await writeFile(file("1.0.0", "data-2023-06.parquet"), "torn");
    expect((await defs.store.verify()).problems).toHaveLength(2);
    expect((await defs.sync()).synced).toMatchObject([{ feature: "daily", version: "1.0.0" }]);
    expect((await defs.store.verify()).problems).toEqual([]);
  });

  it("can be interrupted at each call on the store", async () => {
    const inner = memoryStore();
    const over = (hook: StoreHook): Definitions =>
      new Definitions({ name: "periods", features: [daily()], offlineStore: interceptStore(inner, hook), engine });
    const calm = over(() => undefined);
    await write("a.csv", "2023-01-10T08:00:00Z,ann,1", "2023-02-10T08:00:00Z,ann,2");
    await built(calm);
    let calls = Number.POSITIVE_INFINITY;
    for (let fatal = 0; fatal < calls; fatal++) {
      await write("b.csv", `2023-03-10T08:00:00Z,bo,${fatal}`);
      let count = 0;
      let isDead = false;
      const { failed } = await over(({ phase }) => {
        if (count++ === fatal) isDead = true;
        // A process that was killed calls nothing anymore.
        if (isDead) throw new Error(`killed ${phase}`);
      }).build();
      if (!isDead) calls = count;
      else expect({ fatal, failed: failed.length }).toEqual({ fatal, failed: 1 });
      const { failed: after } = await calm.build();
      expect({ fatal, after }).toEqual({ fatal, after: [] });
      const rows = await read(calm);
      expect({ fatal, rows: rows.length, last: rows.at(-2) }).toMatchObject({
        fatal,
        rows: 6,
        last: { user: "bo", daily__amount__sum__1d__7d: fatal },
      });
      expect({ fatal, ...(await calm.store.verify()) }).toMatchObject({ fatal, problems: [] });
    }
    expect(calls).toBeGreaterThan(10);
  });

  it("publishes nothing if a prune removes the version that it copies from", async () => {
    await writeYear();
    await built(over(daily()));
    await write("late.csv", "2023-11-05T08:00:00Z,bo,5");
    const offlineStore = interceptStore(new LocalStore(join(folder, "store")), async ({ phase, operation }) => {
      if (phase === "before" && operation.name === "copy") await rm(file("1.0.0", "data-2023-01.parquet"), { force: true });
    });
    const { built: features, failed } = await new Definitions({ name: "periods", features: [daily()], offlineStore, engine }).build();
    expect(features).toEqual([]);
    expect(failed).toMatchObject([{ error: { code: "STORE_CONFLICT", message: expect.stringContaining("build again") } }]);
    expect(await built(over(daily()))).toMatchObject({ version: "1.0.2", periods: { computed: 2, kept: 10 } });
  });

  it("gives labels the same values as one file, and opens no file that they cannot reach", async () => {
    await writeYear();
    await over(daily(), daily({ name: "whole" })).build();
    const labels = ["2023-05-31T23:59:59Z", "2023-06-10T23:59:59Z", "2023-06-11T00:00:00Z", "2023-06-20T00:00:00Z"].map((at) => ({
      user: "ann",
      at: new Date(at),
    }));
    const valuesOf = async (feature: AnyFeature): Promise<readonly unknown[]> => {
      const rows: unknown[] = [];
      const training = await over(feature).getTrainingData({ labels, timestamp: "at", features: [feature.name] });
      for await (const row of training.rows()) rows.push(Object.values(row));
      return rows;
    };
    const [forever, recent] = [daily(), daily({ partition: "month", ttl: "45d" })];
    const expected = [await valuesOf(daily({ name: "whole" })), await valuesOf(daily({ name: "whole", ttl: "45d" }))];
    expect(expected[0]?.map((row) => (Array.isArray(row) ? row.at(-1) : row))).toEqual([null, null, 6, null]);
    for (const month of ["07", "08", "12"]) await unlink(file("1.0.0", `data-2023-${month}.parquet`));
    expect(await valuesOf(forever)).toEqual(expected[0]);
    for (const month of ["01", "02", "03"]) await unlink(file("1.0.0", `data-2023-${month}.parquet`));
    expect(await valuesOf(recent)).toEqual(expected[1]);
    await expect(valuesOf(forever)).rejects.toMatchObject({ code: "DATA_CORRUPT" });
  });

  it("refuses rows without a time", async () => {
    await write("a.csv", "2023-01-10T08:00:00Z,ann,1", ",ann,2");
    const { failed } = await over(daily()).build();
    expect(failed).toMatchObject([{ error: { code: "KEY_VIOLATION", details: { nulls: [{ user: "ann" }] } } }]);
  });

  it("has a version even if it has no rows", async () => {
    await write("a.csv");
    const defs = over(daily());
    expect(await built(defs)).toMatchObject({ rows: 0 });
    expect(await read(defs)).toEqual([]);
    await write("a.csv", "2023-01-10T08:00:00Z,ann,1");
    expect(await built(defs)).toMatchObject({ rows: 2 });
    expect((await defs.store.verify()).problems).toEqual([]);
  });
});

describe("partition", () => {
  it("needs a timestamp and one of four words", () => {
    const scores = source({ name: "scores", path: "scores.parquet", columns: { user: t.string(), score: t.int64() } });
    expect(() => feature({ name: "f", source: scores, keys: ["user"], static: true, partition: "month" })).toThrow(
      "f.partition: partition needs a timestamp",
    );
    // @ts-expect-error: a quarter is not a partition.
    expect(() => feature({ name: "f", source: scores, keys: ["user"], partition: "quarter" })).toThrow('"quarter" is not a partition');
  });
});
