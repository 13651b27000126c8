import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Definitions, feature, isMlforgeError, source, t } from "../../src/index.js";

let folder: string;
let defs: ReturnType<typeof define>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-history-"));
  defs = define();
  for (const amount of [1, 2, 3]) await build(amount);
});
afterEach(async () => {
  await defs[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function define() {
  const orders = source({ path: join(folder, "orders.csv"), columns: { user: t.string(), amount: t.int64() } });
  const spent = feature({ name: "spent", source: orders, keys: ["user"] });
  return new Definitions({
    name: "shop",
    features: [spent],
    offlineStore: new LocalStore(join(folder, "store")),
    engine: new DuckDBEngine({ threads: 1 }),
    by: "ada",
    now: () => new Date("2026-02-03T04:05:06Z"),
  });
}

async function build(amount: number) {
  await writeFile(join(folder, "orders.csv"), `user,amount\na,${amount}\n`);
  const { built, skipped, failed } = await defs.build();
  expect(failed).toEqual([]);
  return { ...built[0], skipped: skipped[0] };
}

async function amountOf(version?: string): Promise<unknown> {
  const data = version === undefined ? await defs.readFeature("spent") : await defs.readFeature("spent", { version });
  for await (const row of data.rows()) return row.amount;
  return undefined;
}

describe("rollback, hold and release of a project", () => {
  it("holds the latest version or a named one, until it is released", async () => {
    expect(await defs.versions.hold("spent", { dryRun: true })).toMatchObject({ to: "1.0.2", moved: true, dryRun: true });
    expect(await defs.versions.hold("spent", { reason: "an experiment" })).toMatchObject({ to: "1.0.2", moved: true, held: true });
    expect(await build(4)).toMatchObject({ version: "1.0.3", latest: false });
    expect(await defs.versions.latest("spent")).toBe("1.0.2");
    expect(await defs.versions.hold("spent", { version: "1.0.0" })).toMatchObject({ from: "1.0.2", to: "1.0.0", held: true });
    expect((await defs.versions.log("spent")).history.map(({ reason }) => reason)).toContain("an experiment");
    await defs.versions.release("spent");
    await build(5);
    expect(await amountOf()).toBe(5);
  });

  it("reads the version that was rolled back to; the next build takes the next free number and is latest", async () => {
    await defs.versions.rollback("spent", { version: "1.0.0", reason: "too high" });
    expect(await amountOf()).toBe(1);
    expect(await build(4)).toMatchObject({ version: "1.0.3", latest: true });
    expect(await amountOf()).toBe(4);
    expect(await amountOf("1.0.2")).toBe(3);
    const { latest, held, pruned, history } = await defs.versions.log("spent");
    expect({ latest, held, pruned }).toEqual({ latest: "1.0.3", held: false, pruned: [] });
    expect(history.map(({ seq, kind, version, by, at, reason }) => [seq, kind, version, by, at, reason])).toEqual([
      [5, "build", "1.0.3", "ada", "2026-02-03T04:05:06.000Z", "the source data changed"],
      [4, "rollback", "1.0.0", "ada", "2026-02-03T04:05:06.000Z", "too high"],
      [3, "build", "1.0.2", "ada", "2026-02-03T04:05:06.000Z", "the source data changed"],
      [2, "build", "1.0.1", "ada", "2026-02-03T04:05:06.000Z", "the source data changed"],
      [1, "build", "1.0.0", "ada", "2026-02-03T04:05:06.000Z", "first build"],
    ]);
  });

  it("builds nothing where the source is that of the version that was rolled back to", async () => {
    await defs.versions.rollback("spent", { previous: true });
    expect((await build(2)).skipped).toMatchObject({ version: "1.0.1", reason: "nothing changed" });
  });

  it("publishes while it is held, once, and makes that latest by the first build after", async () => {
    expect(await defs.versions.rollback("spent", { version: "1.0.0", hold: true })).toMatchObject({ moved: true, held: true });
    const reason = "the source data changed; not made latest: the feature is held at 1.0.0; run mlforge release to end the hold";
    expect(await build(4)).toMatchObject({ version: "1.0.3", latest: false, reason });
    expect((await build(4)).skipped).toMatchObject({ version: "1.0.3", reason: expect.stringContaining("held at 1.0.0") });
    expect(await amountOf()).toBe(1);
    expect(await defs.versions.release("spent", { reason: "mended" })).toEqual({ feature: "spent", version: "1.0.0", released: true });
    expect((await build(4)).skipped).toMatchObject({ version: "1.0.3", reason: expect.stringContaining("it is now latest") });
    expect(await amountOf()).toBe(4);
    expect((await defs.versions.list("spent")).versions).toHaveLength(4);
  });

  it("mends a torn pointer after it was deleted", async () => {
    const pointer = join(folder, "store/spent/_latest.json");
    await writeFile(pointer, '{ "version": "1.0');
    await expect(defs.versions.rollback("spent", { version: "1.0.2" })).rejects.toSatisfy((error) =>
      isMlforgeError(error, "METADATA_INVALID"),
    );
    await rm(pointer);
    expect(await defs.versions.rollback("spent", { version: "1.0.2" })).toMatchObject({ from: undefined, to: "1.0.2", moved: true });
    expect(await amountOf()).toBe(3);
  });

  it("refuses what is no version, and both or none of version and previous", async () => {
    // @ts-expect-error a range is no number
    await expect(defs.versions.rollback("spent", { version: "^1.0" })).rejects.toSatisfy((error) =>
      isMlforgeError(error, "VERSION_INVALID"),
    );
    for (const options of [{}, { version: "1.0.0", previous: true }]) {
      await expect(defs.versions.rollback("spent", options)).rejects.toSatisfy((error) => isMlforgeError(error, "USAGE_INVALID"));
    }
  });

  it("stops when it is told to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(defs.versions.rollback("spent", { version: "1.0.0", signal })).rejects.toThrow("enough");
    await expect(defs.versions.release("spent", { signal })).rejects.toThrow("enough");
    await expect(defs.versions.log("spent", { signal })).rejects.toThrow("enough");
  });
});
