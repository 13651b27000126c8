import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { leftovers, readVerified, runBuild, writeSource } from "./run-build.js";

let folder: string;
let store: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-crash-"));
  store = join(folder, "store");
  path = join(folder, "events.parquet");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What the rows must be: the sums of n and 2n below 100, by n modulo 3. */
function expected(factor: number): unknown[] {
  return [0, 1, 2].map((user) => {
    const amounts = Array.from({ length: 100 }, (_, n) => n).filter((n) => n % 3 === user);
    return { user: `user ${user}`, total: amounts.reduce((sum, n) => sum + n * factor, 0), events: amounts.length };
  });
}

async function latest(): Promise<unknown> {
  return JSON.parse(await readFile(join(store, "totals", "_latest.json"), "utf8")).version;
}

describe("SIGKILL at every write step", () => {
  it.each([
    { title: "of a first build", factors: [1] },
    { title: "of a second build", factors: [1, 2] },
  ])(
    "$title: the next build succeeds, and every visible version verifies",
    async ({ factors }) => {
      await writeSource(path, "1");
      const calm = join(folder, "calm");
      if (factors.length > 1) await runBuild(calm, path);
      await writeSource(path, `${factors.at(-1)}`);
      const moments = (await runBuild(calm, path))?.moments ?? [];
      expect(moments.length).toBeGreaterThanOrEqual(12);

      for (const moment of moments) {
        await rm(store, { recursive: true, force: true });
        await writeSource(path, "1");
        if (factors.length > 1) await runBuild(store, path);
        await writeSource(path, `${factors.at(-1)}`);

        expect(await runBuild(store, path, moment), `killed at ${moment}`).toBeUndefined();
        for (const [version, rows] of await readVerified(store)) {
          expect(rows, `${version}, killed at ${moment}`).toEqual(expected(version === "1.0.0" ? 1 : (factors.at(-1) ?? 1)));
        }

        const next = await runBuild(store, path);
        expect(next?.failed).toEqual([]);
        const versions = await readVerified(store);
        expect(versions.get(String(await latest())), `after it was killed at ${moment}`).toEqual(expected(factors.at(-1) ?? 1));
        expect(await leftovers(store)).toEqual([]);
      }
    },
    300_000,
  );
});

describe("twenty processes building the same feature at once", () => {
  it("all succeed, and their versions are distinct and sound", async () => {
    await writeSource(path, "1");
    const reports = await Promise.all(Array.from({ length: 20 }, () => runBuild(store, path)));
    expect(reports.flatMap((report) => report?.failed ?? ["killed"])).toEqual([]);
    const built = reports.flatMap((report) => report?.built ?? []).map(({ version }) => version);
    const skipped = reports.flatMap((report) => report?.skipped ?? []);
    expect(built.length + skipped.length).toBe(20);
    expect(new Set(built).size).toBe(built.length);
    const versions = await readVerified(store);
    expect([...versions.keys()].sort()).toEqual([...built].sort());
    for (const rows of versions.values()) expect(rows).toEqual(expected(1));
    expect(await leftovers(store)).toEqual([]);
  }, 120_000);
});
