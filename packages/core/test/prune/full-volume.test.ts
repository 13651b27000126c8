import { spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { expect, it, onTestFinished } from "vitest";
import { Definitions, feature, isMlforgeError, source, t } from "../../src/index.js";

/** Writes a file until its volume has no room for another byte. */
function fill(file: string): void {
  for (const size of [65_536, 4_096, 1]) {
    try {
      for (;;) appendFileSync(file, new Uint8Array(size));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
    }
  }
}

it("a full volume can be pruned, and takes builds again", async ({ skip }) => {
  const folder = await mkdtemp(join(tmpdir(), "mlforge-full-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const volume = join(folder, "volume");
  await mkdir(volume);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "none", volume]).status !== 0)
    skip("a volume can be filled only where this user may mount one");
  onTestFinished(() => void spawnSync("umount", ["-l", volume]));

  const path = join(folder, "orders.csv");
  const orders = source({ path, columns: { user: t.int64(), amount: t.float64() } });
  const spent = feature({ name: "spent", source: orders, keys: ["user"] });
  const definitions = () =>
    new Definitions({
      name: "shop",
      features: [spent],
      offlineStore: new LocalStore(join(volume, "store")),
      engine: new DuckDBEngine({ threads: 1 }),
    });
  const write = (seed: number) =>
    writeFile(path, ["user,amount", ...Array.from({ length: 20_000 }, (_, user) => `${user},${Math.sin(seed * user)}`)].join("\n"));
  await using defs = definitions();
  for (const seed of [1, 2, 3]) {
    await write(seed);
    expect((await defs.build()).failed).toEqual([]);
  }
  fill(join(volume, "other"));

  // As a later process, which knows nothing of what this one has kept free.
  await using later = definitions();
  await write(4);
  const { failed } = await later.build();
  expect(failed.map(({ error }) => (isMlforgeError(error) ? error.code : error))).toEqual(["STORE_FULL"]);
  const pruned = await later.store.prune({ keep: 1, olderThan: "0d", dryRun: false });
  expect(pruned.failed).toEqual([]);
  expect(pruned.features[0]?.removed.map(({ version }) => version)).toEqual(["1.0.0", "1.0.1"]);
  expect((await later.store.verify()).problems).toEqual([]);
  expect((await later.build()).failed).toEqual([]);
});
