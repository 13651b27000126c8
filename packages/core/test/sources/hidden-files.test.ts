import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { memoryStore } from "@mlforge/testkit/store";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";
import { failureOf } from "../train/failure-of.js";
import { memoryRemote } from "./memory-remote.js";

const engine = new DuckDBEngine({ threads: 1 });
afterAll(() => engine[Symbol.asyncDispose]());

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-hidden-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Each file has one row with its own path. */
const files = [
  "a.csv",
  "_b.csv",
  ".c.csv",
  "_SUCCESS",
  "d/a.csv",
  "d/_temporary/0/a.csv",
  "d/.spark-staging/a.csv",
  "_date=2024/a.csv",
  ".date=2024/a.csv",
  "e/_old/_x/a.csv",
  "f_/a_.csv",
];

const all = files.filter((file) => file.endsWith(".csv"));

const cases: readonly { readonly pattern: string; readonly found: readonly string[]; readonly hidden?: boolean }[] = [
  { pattern: "**/*.csv", found: ["_date=2024/a.csv", "a.csv", "d/a.csv", "f_/a_.csv"] },
  { pattern: "*.csv", found: ["a.csv"] },
  { pattern: "*/*.csv", found: ["_date=2024/a.csv", "d/a.csv", "f_/a_.csv"] },
  { pattern: "**/*.csv", found: all, hidden: true },
  { pattern: "*.csv", found: ["_b.csv", ".c.csv", "a.csv"], hidden: true },
  { pattern: "_*.csv", found: ["_b.csv"] },
  { pattern: ".*.csv", found: [".c.csv"] },
  { pattern: "{_b,a}.csv", found: ["_b.csv", "a.csv"] },
  { pattern: "_b.csv", found: ["_b.csv"] },
  { pattern: "d/_temporary/**/*.csv", found: ["d/_temporary/0/a.csv"] },
  { pattern: "*/_temporary/*/a.csv", found: ["d/_temporary/0/a.csv"] },
  { pattern: "e/**/_x/*.csv", found: [] },
  { pattern: "e/**/_*/*.csv", found: ["e/_old/_x/a.csv"] },
];

async function written(root: string): Promise<void> {
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), `path\n${file}\n`);
  }
}

describe.each(["local", "remote"] as const)("hidden files of a %s pattern", (place) => {
  it.each(cases)("$pattern finds $found", async ({ pattern, found, hidden }) => {
    const store = memoryStore();
    // A hidden folder in the fixed part of a pattern is no reason to leave anything out.
    await written(join(folder, "_data"));
    for (const file of files) await store.put(`_data/${file}`, new TextEncoder().encode(`path\n${file}\n`));
    const path = place === "local" ? join(folder, "_data", pattern) : `mem://_data/${pattern}`;
    const rows = source({ name: "rows", path, columns: { path: t.string() }, hidden });
    const defs = new Definitions({
      name: "hidden",
      features: [feature({ name: "paths", source: rows, keys: ["path"], static: true })],
      offlineStore: memoryStore(),
      engine,
      remotes: [memoryRemote(store)],
      cache: { path: join(folder, "cache") },
    });
    const { failed } = await defs.build();
    if (found.length === 0) {
      const [failure] = failed;
      expect(failure?.error).toMatchObject({ code: "SOURCE_NOT_FOUND" });
      expect(failure?.error.message).toContain(
        '; 1 file is hidden there, because a name begins with "_" or "."; to read hidden files, pass hidden: true',
      );
      return;
    }
    expect(failed).toEqual([]);
    const read = [];
    for await (const row of (await defs.readFeature("paths", { version: "latest" })).rows()) read.push(row.path);
    expect(read).toEqual([...found].sort());
  });
});

describe("hidden files of labels", () => {
  it("are read again by a lock that says so", async () => {
    await written(folder);
    const labels = source({ name: "labels", path: join(folder, "*.csv"), hidden: true, columns: { path: t.string() } });
    const plain = source({ name: "plain", path: join(folder, "a.csv"), columns: { path: t.string() } });
    const defs = new Definitions({
      name: "hidden",
      features: [feature({ name: "paths", source: plain, keys: ["path"], static: true })],
      offlineStore: memoryStore(),
      engine,
    });
    await defs.build();
    const training = await defs.getTrainingData({ labels, features: ["paths"] });
    const again = await defs.getTrainingData({ lock: JSON.parse(JSON.stringify(training.lock)) });
    const paths = [];
    for await (const { path } of again.rows()) paths.push(path);
    expect(paths).toEqual([".c.csv", "_b.csv", "a.csv"]);
    const other = JSON.stringify(training.lock).replace('"hidden":true,', "");
    await failureOf(defs.getTrainingData({ lock: JSON.parse(other) }), "LOCK_MISMATCH");
  });
});
