import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Definitions, feature, findLocks, isMlforgeError, source, t } from "../../src/index.js";

let folder: string;
let today: string;
/** The time of the store, if it is not that of this machine. */
let storeTime: string | undefined;
let defs: ReturnType<typeof define>;
/** `spent` has six versions, published on the first to the sixth of January; `other` has one. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-prune-"));
  storeTime = undefined;
  defs = define();
  for (const day of [1, 2, 3, 4, 5, 6]) {
    today = `2026-01-0${day}T00:00:00Z`;
    await writeFile(join(folder, "orders.csv"), `user,amount\na,${day}\n`);
    expect((await defs.build({ features: ["spent"] })).failed).toEqual([]);
  }
  await defs.build({ features: ["other"] });
  today = "2026-03-01T00:00:00Z";
});
afterEach(async () => {
  await defs[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function define() {
  const orders = source({ path: join(folder, "orders.csv"), columns: { user: t.string(), amount: t.int64() } });
  const spent = feature({ name: "spent", source: orders, keys: ["user"] });
  const other = feature({ name: "other", source: orders, keys: ["user"] });
  const never = feature({ name: "never", source: orders, keys: ["user"] });
  return new Definitions({
    name: "shop",
    features: [spent, other, never],
    offlineStore: Object.assign(new LocalStore(join(folder, "store")), { clock: async () => new Date(storeTime ?? today) }),
    engine: new DuckDBEngine({ threads: 1 }),
    by: "ada",
    now: () => new Date(today),
  });
}

async function removed(options: Parameters<typeof defs.store.prune>[0]): Promise<string[]> {
  const { features, failed } = await defs.store.prune(options);
  expect(failed).toEqual([]);
  return features.flatMap((pruned) => pruned.removed.map(({ version }) => `${pruned.feature} ${version}`));
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "none",
    (error: unknown) => (isMlforgeError(error) ? error.code : String(error)),
  );
}

/** The files of a version as they lie on the disk. */
async function filesOf(version: string): Promise<string[]> {
  return (await readdir(join(folder, "store/spent", version))).sort();
}

describe("prune", () => {
  it("only says what would go, unless it is told to do it; then the files are gone from the disk", async () => {
    expect(await removed({})).toEqual(["spent 1.0.0"]);
    expect(await filesOf("1.0.0")).toEqual([".claim.json", ".meta.json", "data.parquet"]);
    const progress: string[] = [];
    const told = await defs.store.prune({ dryRun: false, onProgress: ({ feature, count }) => progress.push(`${feature} ${count}`) });
    expect(told).toMatchObject({
      dryRun: false,
      features: [
        { feature: "spent", latest: "1.0.5", removed: [{ version: "1.0.0", because: "old" }] },
        { feature: "other", latest: "1.0.0", removed: [], kept: [{ version: "1.0.0", because: ["latest", "newest"] }] },
        { feature: "never", latest: undefined, removed: [], kept: [] },
      ],
    });
    expect(progress.sort()).toEqual(["never 3", "other 3", "spent 3"]);
    expect(await filesOf("1.0.0")).toEqual([".claim.json"]);
    expect(await filesOf("1.0.1")).toEqual([".claim.json", ".meta.json", "data.parquet"]);
    expect((await defs.versions.log("spent")).pruned).toEqual(["1.0.0"]);
    await expect(defs.readFeature("spent", { version: "1.0.0" })).rejects.toThrow('version 1.0.0 of feature "spent" was pruned');
  });

  it("keeps what is young", async () => {
    today = "2026-01-10T00:00:00Z";
    expect(await removed({ keep: 1 })).toEqual([]);
    // Older than 7 days on the tenth: published before the third.
    expect(await removed({ keep: 1, olderThan: "7d" })).toEqual(["spent 1.0.0", "spent 1.0.1"]);
    expect(await removed({ keep: 2, olderThan: "0d" })).toEqual(["spent 1.0.0", "spent 1.0.1", "spent 1.0.2", "spent 1.0.3"]);
  });

  it("keeps what is pinned, by number and by range", async () => {
    expect(await removed({ keep: 1, pinned: ["spent@1.0.2", "spent@>=1.0.4"] })).toEqual(["spent 1.0.0", "spent 1.0.1", "spent 1.0.3"]);
    expect(await removed({ keep: 1, pinned: ["spent@^1.0"] })).toEqual([]);
    expect(await removed({ keep: 1, pinned: ["other@^1.0"] })).toHaveLength(5);
  });

  it("keeps what a lock names, which still gives its rows", async () => {
    const lock = join(folder, "models/a/train.lock");
    await mkdir(join(folder, "models/a"), { recursive: true });
    const options = { labels: [{ user: "a" }], onWarning: () => {} };
    const training = await defs.getTrainingData({ ...options, features: ["spent@1.0.1"] });
    await writeFile(lock, JSON.stringify(training.lock));
    expect(await removed({ keep: 1, locks: [lock], dryRun: false })).toEqual(["spent 1.0.0", "spent 1.0.2", "spent 1.0.3", "spent 1.0.4"]);
    const again = await defs.getTrainingData({ ...options, lock: training.lock });
    for await (const row of again.rows()) expect(row).toEqual({ user: "a", amount: 2 });
  });

  it.each([
    ["400 days ahead of", "2027-02-10T00:00:00Z"],
    ["10 days behind", "2025-12-27T00:00:00Z"],
    ["6 minutes ahead of", "2026-01-06T00:06:00Z"],
  ])("refuses to remove anything where the clock of this machine is %s that of the store", async (apart, wrong) => {
    [storeTime, today] = ["2026-01-06T00:00:00Z", wrong];
    for (const dryRun of [true, false]) {
      await expect(defs.store.prune({ keep: 1, olderThan: "30d", dryRun })).rejects.toMatchObject({
        code: "CLOCK_SKEWED",
        details: { store: "local" },
        message: `the clock of this machine is ${apart} the clock of the local store, so the age of versions is unknown and nothing was removed; set the clock`,
      });
    }
    expect((await defs.versions.list("spent")).versions).toHaveLength(6);
    today = "2026-01-06T00:04:00Z";
    expect(await removed({ keep: 1, olderThan: "30d", dryRun: false })).toEqual([]);
  });

  it("prunes some features", async () => {
    const { features } = await defs.store.prune({ features: ["other"], keep: 0 });
    expect(features.map(({ feature }) => feature)).toEqual(["other"]);
  });

  it("goes on where a feature fails", async () => {
    await writeFile(join(folder, "store/other/_latest.json"), "{");
    const { features, failed } = await defs.store.prune({ dryRun: false });
    expect(features.map(({ feature }) => feature)).toEqual(["spent", "never"]);
    expect(failed).toMatchObject([{ feature: "other", error: { code: "METADATA_INVALID" } }]);
  });

  it.each([
    [{ keep: -1 }, "USAGE_INVALID"],
    [{ keep: 1.5 }, "USAGE_INVALID"],
    [{ keep: Number.NaN }, "USAGE_INVALID"],
    [{ olderThan: "-1d" }, "USAGE_INVALID"],
    [{ pinned: ["spent"] }, "USAGE_INVALID"],
    [{ pinned: ["spent@new"] }, "VERSION_INVALID"],
    [{ pinned: ["spend@1.0.0"] }, "NAME_UNKNOWN"],
    [{ locks: ["/nowhere/train.lock"] }, "USAGE_INVALID"],
  ])("refuses %j before anything is done", async (options, code) => {
    expect(await codeOf(defs.store.prune({ keep: 1, dryRun: false, ...options }))).toBe(code);
    expect((await defs.versions.list("spent")).versions).toHaveLength(6);
  });

  it("refuses a lock that cannot be read", async () => {
    const lock = join(folder, "torn.lock");
    await writeFile(lock, '{ "lock_version": 1, "feat');
    expect(await codeOf(defs.store.prune({ locks: [lock] }))).toBe("LOCK_MISMATCH");
  });

  it("stops when it is told to", async () => {
    await expect(defs.store.prune({ dryRun: false, signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
    expect((await defs.versions.list("spent")).versions).toHaveLength(6);
  });
});

describe("findLocks", () => {
  it("finds ours wherever they are, and passes over those of other tools and installed packages", async () => {
    const training = await defs.getTrainingData({ labels: [{ user: "a" }], features: ["spent"], onWarning: () => {} });
    const files: Record<string, string> = {
      "project/train.lock": JSON.stringify(training.lock),
      "project/models/a/train.lock.json": JSON.stringify(training.lock),
      "project/node_modules/x/train.lock": JSON.stringify(training.lock),
      "project/yarn.lock": "# yarn lockfile v1\n",
      "project/composer.lock": "{}",
      "project/notes.json": JSON.stringify(training.lock),
    };
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(folder, name, ".."), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const project = join(folder, "project");
    expect(await findLocks(project)).toEqual([join(project, "models/a/train.lock.json"), join(project, "train.lock")]);
    await writeFile(join(project, "torn.lock"), '{ "lock_version": 1, "feat');
    expect(await codeOf(findLocks(project))).toBe("LOCK_MISMATCH");
  });
});
