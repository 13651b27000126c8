import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { chmod, link, mkdir, mkdtemp, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";
import { fileState } from "../../src/sources/file-state.js";
import { RecordedHashes } from "../../src/sources/recorded-hashes.js";

let folder: string;
let cache: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-test-"));
  cache = join(folder, "cache");
  file = join(folder, "events.csv");
  await writeFile(file, "user,amount\na,1\n");
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true, force: true });
});

const later = (): number => Date.now() + 61_000;
const recordPath = (): string => join(cache, "source-hashes.json");
const sha256 = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const stateOf = async (path: string): Promise<string> => fileState(await stat(path, { bigint: true }));
const hashOf = (path: string) => async (): Promise<string> => sha256(await readFile(path));

/** Hashes a file as a build of a new process does. Returns what it gives, and whether it read the file. */
async function hashAnew(path: string, now = later): Promise<{ readonly hash: string; readonly read: boolean }> {
  const hashes = new RecordedHashes(cache, now);
  const state = await stateOf(path);
  const found = await hashes.find(path, state);
  const hash = found ?? (await hashes.record(path, state, hashOf(path)));
  await hashes.save();
  return { hash, read: found === undefined };
}

describe.runIf(process.platform === "linux")("recorded hashes", () => {
  it("are found by the next process, once a file has been still for a minute", async () => {
    expect(await hashAnew(file, Date.now)).toMatchObject({ read: true });
    expect(await hashAnew(file, Date.now)).toMatchObject({ read: true });
    const first = await hashAnew(file);
    expect(first).toEqual({ hash: sha256("user,amount\na,1\n"), read: true });
    expect(await hashAnew(file)).toEqual({ ...first, read: false });
    expect((await stat(recordPath())).mode & 0o777).toBe(0o600);
  });

  it("are those of the content, whatever changes a file", async () => {
    const restoring = async (path: string, change: () => Promise<void>): Promise<void> => {
      const { atime, mtime } = await stat(path);
      await change();
      await utimes(path, atime, mtime);
    };
    const changes: Record<string, (path: string, text: string) => Promise<void>> = {
      inPlace: (path, text) => restoring(path, () => writeFile(path, text)),
      replaced: (path, text) =>
        restoring(path, async () => {
          await writeFile(`${path}.new`, text);
          await rename(`${path}.new`, path);
        }),
      swapped: async (path, text) => {
        await writeFile(`${path}.other`, text);
        await rename(path, `${path}.old`);
        await link(`${path}.other`, path);
        await rename(`${path}.old`, `${path}.other`);
      },
      touched: (path) => utimes(path, new Date(0), new Date(0)),
      permitted: (path) => chmod(path, 0o644),
      left: async () => {},
    };
    const step = fc.record({
      change: fc.constantFrom(...Object.keys(changes)),
      text: fc.stringMatching(/^[ab]{3}$/),
      isLater: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
        for (const { change, text, isLater } of steps) {
          const before = statSync(file, { bigint: true }).ctimeNs;
          // The clock that says "later" skips the wait for the next tick of the file system.
          do await changes[change]?.(file, text);
          while (change !== "left" && statSync(file, { bigint: true }).ctimeNs === before);
          const { hash } = await hashAnew(file, isLater ? later : Date.now);
          expect(hash).toBe(sha256(await readFile(file)));
        }
      }),
      { numRuns: 15 },
    );
  });

  it("are not kept of a file that changes while it is read", async () => {
    const hashes = new RecordedHashes(cache, later);
    const state = await stateOf(file);
    await hashes.record(file, state, async () => {
      const hash = await hashOf(file)();
      await writeFile(file, "user,amount\nb,2\n");
      return hash;
    });
    await hashes.save();
    expect(await hashes.find(file, state)).toBeUndefined();
  });

  it("are dropped if the content is another in the same state", async () => {
    await hashAnew(file);
    const state = await stateOf(file);
    const hashes = new RecordedHashes(cache, Date.now);
    await hashes.record(file, state, async () => sha256("damaged"));
    await hashes.save();
    expect(await new RecordedHashes(cache).find(file, state)).toBeUndefined();
  });

  it("are not kept of files in memory, whose times do not change with every write", async () => {
    const inMemory = await mkdtemp("/dev/shm/mlforge-test-");
    try {
      await writeFile(join(inMemory, "file"), "text");
      expect(await hashAnew(join(inMemory, "file"))).toMatchObject({ read: true });
      expect(await hashAnew(join(inMemory, "file"))).toMatchObject({ read: true });
    } finally {
      await rm(inMemory, { recursive: true });
    }
  });

  it.each<readonly [string, (path: string) => Promise<void>]>([
    ["truncated", async (path) => writeFile(path, (await readFile(path)).subarray(0, -5))],
    ["empty", (path) => writeFile(path, "")],
    ["changed", async (path) => writeFile(path, (await readFile(path, "utf8")).replace(/(?<=", *")[0-9a-f](?=[0-9a-f]{63})/, "x"))],
    ["of another form", (path) => writeFile(path, `${sha256('{"a":1}')}\n{"a":1}\n`)],
    ["writable for others", (path) => chmod(path, 0o666)],
    [
      "a symbolic link",
      async (path) => {
        await rename(path, `${path}.away`);
        await symlink(`${path}.away`, path);
      },
    ],
  ])("are computed again, and recorded, where the record is %s", async (_, damage) => {
    const first = await hashAnew(file);
    await damage(recordPath());
    expect(await hashAnew(file)).toEqual(first);
    expect(await hashAnew(file)).toEqual({ ...first, read: false });
  });

  it("cost only time where the cache is a file, a folder is in the place of the record, or nothing can be created", async () => {
    await mkdir(recordPath(), { recursive: true });
    const first = await hashAnew(file);
    expect(await hashAnew(file)).toEqual(first);
    for (const place of [file, "/proc/mlforge"]) {
      const hashes = new RecordedHashes(place, later);
      expect(await hashes.record(file, await stateOf(file), hashOf(file))).toBe(first.hash);
      await hashes.save();
    }
  });

  it("are kept of the newest 20,000 files", async () => {
    const entries = Array.from({ length: 20_000 }, (_, index) => [`/data/${index}`, "1-2-3-4-5", sha256(String(index))]);
    const text = JSON.stringify(entries);
    await mkdir(cache);
    await writeFile(recordPath(), `${sha256(text)}\n${text}\n`, { mode: 0o600 });
    await hashAnew(file);
    const hashes = new RecordedHashes(cache);
    expect(await hashes.find("/data/0", "1-2-3-4-5")).toBeUndefined();
    expect(await hashes.find("/data/1", "1-2-3-4-5")).toBe(sha256("1"));
    expect(await hashes.find(file, await stateOf(file))).toBeDefined();
  });

  it("are what a build and a plan go by, unless they rehash", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: later() });
    const totals = feature({
      name: "totals",
      source: source({ path: file, columns: { user: t.string(), amount: t.int64() } }),
      keys: ["user"],
      transform: (rows) => rows.groupBy("user").aggregate(({ amount }) => ({ total: amount.sum() })),
    });
    const definitionsNow = (): Definitions =>
      new Definitions({
        name: "test",
        features: [totals],
        offlineStore: new LocalStore(join(folder, "store")),
        engine: new DuckDBEngine({ threads: 1, tempDirectory: folder }),
        cache: { path: cache },
      });
    {
      await using definitions = definitionsNow();
      expect((await definitions.build()).built).toHaveLength(1);
    }
    // Only a wrong hash shows that the file is not read.
    const recorded = (await readFile(recordPath(), "utf8")).split("\n")[1] ?? "";
    const wrong = recorded.replace(sha256(await readFile(file)), sha256("wrong"));
    expect(wrong).not.toBe(recorded);
    await writeFile(recordPath(), `${sha256(wrong)}\n${wrong}\n`);
    await using definitions = definitionsNow();
    expect((await definitions.plan()).features).toMatchObject([{ action: "build", reason: "data_refresh" }]);
    expect((await definitions.plan({ rehash: true })).features).toMatchObject([{ action: "skip" }]);
    expect((await definitions.build()).skipped).toHaveLength(1);
    await writeFile(recordPath(), `${sha256(wrong)}\n${wrong}\n`);
    expect((await definitions.build({ rehash: true })).skipped).toHaveLength(1);
  });
});
