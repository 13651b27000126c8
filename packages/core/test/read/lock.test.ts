import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { MlforgeError } from "@mlforge/spec";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseLock, source, type TrainingLock, t } from "../../src/index.js";
import { collect } from "../train/collect.js";
import { failureOf } from "../train/failure-of.js";
import { flightLabels, flightsIn, writeFlights } from "../train/flights.js";

const engine = new DuckDBEngine({ threads: 2 });
afterAll(() => engine[Symbol.asyncDispose]());

let folder: string;
let defs: ReturnType<typeof flightsIn>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-training-"));
  await writeFlights(folder);
  defs = flightsIn(folder, engine);
  await defs.build();
  await writeLabels("labels_a.csv", flightLabels.slice(0, 2));
  await writeLabels("labels_b.csv", flightLabels.slice(2));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function writeLabels(name: string, rows: typeof flightLabels): Promise<void> {
  await writeFile(
    join(folder, name),
    `id,origin,at\n${rows.map(({ id, origin, at }) => `${id},${origin},${at.toISOString()}\n`).join("")}`,
  );
}

const features = ["delay", { feature: "recent", columns: ["date"], prefix: "recent_" }, "place@^1.0"] as const;
const labelPaths = (): string => join(folder, "labels_*.csv");

/** A lock as it comes back out of a file. */
async function keptLock(labels: Parameters<typeof defs.getTrainingData>[0]["labels"] = labelPaths()): Promise<TrainingLock> {
  const training = await defs.getTrainingData({ labels, timestamp: "at", features });
  const lock = parseLock(JSON.parse(JSON.stringify(training.lock)));
  expect(lock).toEqual(training.lock);
  return lock;
}

describe("a lock", () => {
  it("gives the very same file again after new versions were published and definitions changed", async () => {
    const first = await defs.getTrainingData({ labels: labelPaths(), timestamp: "at", features });
    await first.write(join(folder, "first.parquet"));
    const lock = parseLock(JSON.parse(JSON.stringify(first.lock)));
    await writeFlights(folder, "SEA,2024-01-02T00:00:00Z,99,9.5");
    expect((await defs.build()).built.map(({ version }) => version)).toEqual(["1.0.1", "1.0.1"]);
    const again = await defs.getTrainingData({ lock });
    expect(again.lock).toEqual(lock);
    expect(again.columns).toEqual(first.columns);
    await again.write(join(folder, "again.parquet"));
    expect(await readFile(join(folder, "again.parquet"))).toEqual(await readFile(join(folder, "first.parquet")));
    const now = await defs.getTrainingData({ labels: labelPaths(), timestamp: "at", features });
    expect(await collect(now.rows())).not.toEqual(await collect(first.rows()));
  });

  it.each([
    [
      "a source with a name",
      () => source({ name: "flown", path: labelPaths(), columns: { id: t.int32(), origin: t.string(), at: t.timestamp() } }),
    ],
    [
      "a source with a price",
      () => source({ path: labelPaths(), columns: { id: t.decimal(9, 2), origin: t.string(), at: t.timestamp() } }),
    ],
    ["a URL", () => pathToFileURL(join(folder, "labels_a.csv"))],
    ["a list", () => [join(folder, "labels_b.csv"), join(folder, "labels_a.csv")]],
  ])("finds again labels given as %s", async (_, labels) => {
    const first = await defs.getTrainingData({ labels: labels(), timestamp: "at", features });
    const again = await defs.getTrainingData({ lock: parseLock(JSON.parse(JSON.stringify(first.lock))) });
    expect(again.lock).toEqual(first.lock);
    expect(again.columns).toEqual(first.columns);
    expect(await collect(again.rows())).toEqual(await collect(first.rows()));
  });

  it("keeps whether exact matches are allowed", async () => {
    const { lock } = await defs.getTrainingData({ labels: labelPaths(), timestamp: "at", features: ["delay"], allowExactMatches: false });
    expect((await collect((await defs.getTrainingData({ lock })).rows())).map(({ delay }) => delay)).toEqual([null, 10, 10, 20, null]);
  });

  it("asks for labels again that were given as values, and takes others", async () => {
    const lock = await keptLock(flightLabels);
    expect(lock.labels).toBeUndefined();
    await failureOf(defs.getTrainingData({ lock }), "LABELS_INVALID", "pass them again");
    const first = await defs.getTrainingData({ labels: flightLabels, timestamp: "at", features });
    expect(await collect((await defs.getTrainingData({ lock, labels: flightLabels })).rows())).toEqual(await collect(first.rows()));
    const other = await defs.getTrainingData({ lock, labels: labelPaths() });
    expect(other.lock).toEqual(await keptLock());
  });

  it("warns as the first call did", async () => {
    const told: string[] = [];
    const { lock } = await defs.getTrainingData({ labels: labelPaths(), timestamp: "at", features: ["loose"], onWarning: () => {} });
    await defs.getTrainingData({ lock, onWarning: (message) => told.push(message) });
    expect(told).toEqual([expect.stringContaining('"loose"')]);
  });
});

describe("a lock that does not fit any more", () => {
  it.each<[string, () => Promise<void>]>([
    ["whose content changed", () => writeLabels("labels_b.csv", flightLabels.slice(3))],
    ["to which a file was added", () => writeLabels("labels_c.csv", flightLabels.slice(0, 1))],
    ["of which a file is gone", () => rm(join(folder, "labels_b.csv"))],
    ["whose files come in another order", () => rename(join(folder, "labels_a.csv"), join(folder, "labels_c.csv"))],
  ])("tells labels %s", async (_, change) => {
    const lock = await keptLock();
    await change();
    const { details } = await failureOf(defs.getTrainingData({ lock }), "LOCK_MISMATCH", "labels_", "restore them");
    expect(details.problems).toEqual([expect.stringContaining("SHA-256")]);
  });

  it("finds the same labels under other names where their order is the same", async () => {
    const lock = await keptLock();
    await rename(join(folder, "labels_b.csv"), join(folder, "labels_x.csv"));
    expect(await collect((await defs.getTrainingData({ lock })).rows())).toHaveLength(5);
  });

  it("tells a version that is gone", async () => {
    const lock = await keptLock();
    await rm(join(folder, "store", "delay", "1.0.0"), { recursive: true });
    await failureOf(defs.getTrainingData({ lock }), "LOCK_MISMATCH", "delay 1.0.0", "restore the version");
  });

  it("tells a version that was made anew under its number", async () => {
    const lock = await keptLock();
    await rm(join(folder, "store", "delay"), { recursive: true });
    await writeFlights(folder, "SEA,2024-01-02T00:00:00Z,99,9.5");
    await defs.build({ features: ["delay"] });
    const { details } = await failureOf(defs.getTrainingData({ lock }), "LOCK_MISMATCH", "delay 1.0.0");
    expect(details.problems).toEqual([expect.stringContaining("SHA-256"), expect.stringContaining("commit")]);
  });

  it("tells one flipped bit in a data file when the set is read, and leaves no file", async () => {
    const lock = await keptLock();
    const path = join(folder, "store", "delay", "1.0.0", "data.parquet");
    const bytes = await readFile(path);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const training = await defs.getTrainingData({ lock });
    await failureOf(collect(training.rows()), "DATA_CORRUPT", "delay/1.0.0/data.parquet", "SHA-256");
    await failureOf(training.write(join(folder, "out.parquet")), "DATA_CORRUPT");
    await expect(readFile(join(folder, "out.parquet"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("tells one flipped bit also without a lock where asked to verify", async () => {
    const path = join(folder, "store", "delay", "1.0.0", "data.parquet");
    const bytes = await readFile(path);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    await writeFile(path, bytes);
    const training = await defs.getTrainingData({ labels: flightLabels, timestamp: "at", features: ["delay"], verify: true });
    await failureOf(collect(training.rows()), "DATA_CORRUPT", "SHA-256");
  });

  it("tells a data file that is missing", async () => {
    const lock = await keptLock();
    await rm(join(folder, "store", "delay", "1.0.0", "data.parquet"));
    await failureOf(collect((await defs.getTrainingData({ lock })).rows()), "DATA_CORRUPT", "missing");
  });
});

describe("a lock of another shape", () => {
  it.each<[string, (lock: TrainingLock) => unknown, string]>([
    ["that is no object", () => "lock", "it"],
    ["that is null", () => null, "it"],
    ["of another version", (lock) => ({ ...lock, lock_version: 2 }), "lock_version"],
    ["without features", ({ features: _, ...lock }) => lock, "features"],
    ["with a feature that leaves the store", (lock) => withFeature(lock, { feature: "../delay" }), "features.0.feature"],
    ["with a version that leaves the store", (lock) => withFeature(lock, { version: "../1.0.0" }), "features.0.version"],
    ["with a ttl that is no duration", (lock) => withFeature(lock, { ttl: "0d" }), "features.0.ttl"],
    [
      "with a hash that is none",
      (lock) => withFeature(lock, { files: [{ path: "data.parquet", size: 1, sha256: "x" }] }),
      "features.0.files.0.sha256",
    ],
    ["with labels of an unknown format", (lock) => ({ ...lock, labels: { ...lock.labels, format: { kind: "xls" } } }), "labels.format"],
  ])("%s is refused", async (_, change, where) => {
    const json: unknown = JSON.parse(JSON.stringify(change(await keptLock())));
    let error: unknown;
    try {
      parseLock(json, "features.lock");
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(MlforgeError);
    expect(error).toMatchObject({ code: "LOCK_MISMATCH", details: { path: "features.lock" } });
    expect(error).toMatchObject({ message: expect.stringContaining(where) });
  });

  it("is refused also where it was never parsed", async () => {
    const unparsed = JSON.parse(JSON.stringify({ ...(await keptLock()), features: "delay" }));
    await failureOf(defs.getTrainingData({ lock: unparsed }), "LOCK_MISMATCH", "features");
  });
});

function withFeature(lock: TrainingLock, changed: object): unknown {
  return { ...lock, features: lock.features.map((one, index) => (index === 0 ? { ...one, ...changed } : one)) };
}
