import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { Leftover } from "@mlforge/spec";
import { ownerName } from "@mlforge/spec/ownership";
import { LocalStore } from "@mlforge/store-local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";

let folder: string;
let defs: Definitions;
/** Leftovers that only this store has. */
let inStore: Leftover[];
const { TMPDIR } = process.env;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-leftovers-"));
  process.env.TMPDIR = join(folder, "tmp");
  await mkdir(join(folder, "tmp"));
  await writeFile(join(folder, "orders.csv"), "user,amount\na,1\n");
  inStore = [];
  const local = new LocalStore(join(folder, "store"));
  defs = new Definitions({
    name: "shop",
    features: [
      feature({
        name: "spent",
        source: source({ path: join(folder, "orders.csv"), columns: { user: t.string(), amount: t.int64() } }),
        keys: ["user"],
      }),
    ],
    offlineStore: Object.assign(local, {
      leftovers: async () => [...(await new LocalStore(join(folder, "store")).leftovers()), ...inStore],
    }),
    engine: new DuckDBEngine({ threads: 1, tempDirectory: join(folder, "spill") }),
    cache: { path: join(folder, "cache") },
  });
  expect((await defs.build()).failed).toEqual([]);
});
afterEach(async () => {
  await defs[Symbol.asyncDispose]();
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  await rm(folder, { recursive: true, force: true });
});

/** Names a process of this machine that has ended. */
async function endedOwner(): Promise<string> {
  const ended = spawn(process.execPath, ["-e", ""]);
  await once(ended, "exit");
  const [boot, namespace, , start] = (await ownerName()).split(".");
  return `${boot}.${namespace}.${ended.pid}.${start}`;
}

/** Writes what this owner would leave in each place. Returns the paths below the folder. */
async function leave(owner: string): Promise<readonly string[]> {
  const paths = [
    `store/.mlforge/staging/${owner}.a`,
    `store/.mlforge/tmp/${owner}.b`,
    `store/.mlforge/locks/0123/${owner}.c`,
    `spill/mlforge-duckdb-${owner}.d`,
    `tmp/mlforge-work-${owner}.e`,
    `cache/unfinished/work-${owner}.f`,
    `cache/unfinished/new-${owner}.g`,
    `cache/unfinished/old-${owner}.h`,
    `cache/uses/${owner}.i`,
    `cache/files/id/record.json.${owner}.j`,
    `cache/source-hashes.json.${owner}.k`,
    `out/deep/.mlforge-training-${owner}.l.partial`,
    `out/.mlforge-lock-${owner}.m.partial`,
    `out/.mlforge-types-${owner}.n.partial`,
    `out/.mlforge-init-${owner}.o`,
  ];
  for (const path of paths) {
    const isFile = /partial$|[bjk]$/.test(path);
    await mkdir(isFile ? dirname(join(folder, path)) : join(folder, path), { recursive: true });
    if (isFile) await writeFile(join(folder, path), "text");
  }
  return paths;
}

function below(locations: readonly { readonly location: string }[]): readonly string[] {
  return locations.map(({ location }) => location.slice(folder.length + 1)).sort();
}

describe("what a killed process left", () => {
  const outputFolders = () => [join(folder, "out")];

  it("is named by verify, and removed by prune, in every place", async () => {
    const paths = [...(await leave(await endedOwner()))].sort();
    const { leftovers, problems } = await defs.store.verify({ outputFolders: outputFolders() });
    expect(problems).toEqual([]);
    expect(below(leftovers)).toEqual(paths);

    const dry = await defs.store.prune({ outputFolders: outputFolders() });
    expect(below(dry.leftovers)).toEqual(paths);
    expect(dry.leftovers.some(({ removed }) => removed)).toBe(false);
    expect(below((await defs.store.verify({ outputFolders: outputFolders() })).leftovers)).toEqual(paths);

    const done = await defs.store.prune({ outputFolders: outputFolders(), dryRun: false });
    expect(below(done.leftovers)).toEqual(paths);
    expect(done.leftovers.every(({ removed }) => removed)).toBe(true);
    expect((await defs.store.verify({ outputFolders: outputFolders() })).leftovers).toEqual([]);
    const left = (await readdir(folder, { recursive: true })).filter((path) => /[0-9a-f]{16}\.\d+\.\d+/.test(path));
    // The engine of this test is running.
    expect(left.filter((path) => !/^spill|\.owner$/.test(path) && !path.includes(`.${process.pid}.`))).toEqual([]);
  });

  it("is neither named nor removed while its process lives", async () => {
    await leave(await ownerName());
    expect((await defs.store.verify({ outputFolders: outputFolders() })).leftovers).toEqual([]);
    expect((await defs.store.prune({ outputFolders: outputFolders(), dryRun: false })).leftovers).toEqual([]);
  });

  it("is not looked for where only some features are meant", async () => {
    await leave(await endedOwner());
    expect((await defs.store.verify({ features: ["spent"], outputFolders: outputFolders() })).leftovers).toEqual([]);
    expect((await defs.store.prune({ features: ["spent"], outputFolders: outputFolders(), dryRun: false })).leftovers).toEqual([]);
  });

  it("is left alone where the upload was for a key that mlforge does not write, and does not stop a prune where it cannot be removed", async () => {
    const removed: string[] = [];
    const upload = (key: string): Leftover => ({
      kind: "upload",
      location: `s3://bucket/${key}`,
      key,
      remove: async () => {
        if (key.startsWith("stubborn")) throw new Error("denied");
        removed.push(key);
      },
    });
    inStore = ["stubborn/1.0.0/data.parquet", "spent/1.0.0/data-2024-02.parquet", "backup.tar", "spent/readme"].map(upload);
    const { leftovers } = await defs.store.prune({ dryRun: false });
    expect(leftovers).toEqual([
      { kind: "upload", location: "s3://bucket/stubborn/1.0.0/data.parquet", removed: false },
      { kind: "upload", location: "s3://bucket/spent/1.0.0/data-2024-02.parquet", removed: true },
    ]);
    expect(removed).toEqual(["spent/1.0.0/data-2024-02.parquet"]);
  });
});
