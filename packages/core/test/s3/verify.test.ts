import type { Store } from "@mlforge/spec";
import { S3Store } from "@mlforge/store-s3";
import { describeWith } from "@mlforge/test-servers";
import { recordingStore } from "@mlforge/testkit/store";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bytesOf } from "../log/candidates.js";
import { buildSmallStore, contentOf, flipped, over, problemsOf, type SmallStore } from "../verify/small-store.js";
import { type Bucket, openBucket } from "./bucket.js";

let bucket: Bucket;
let small: SmallStore;
let store: Store;

describeWith("moto", "a store in S3", () => {
  beforeAll(async () => {
    bucket = await openBucket();
    // Odd, so that a prefix that is not cut off correctly is seen.
    store = new S3Store({ ...bucket.options, prefix: "prod/a b+c" });
    small = await buildSmallStore(() => store);
  });
  afterAll(async () => {
    await small[Symbol.asyncDispose]();
    await bucket[Symbol.asyncDispose]();
  });

  /** What `damage` does is undone, and only those objects are reported. */
  async function expectFound(damage: () => Promise<unknown>, ...keys: string[]): Promise<void> {
    const before = await contentOf(store);
    await damage();
    const found = (await over(store).store.verify()).problems.map(({ key }) => key);
    for (const key of (await contentOf(store)).keys()) if (!before.has(key)) await store.delete(key);
    for (const key of keys) await store.put(key, before.get(key) ?? new Uint8Array());
    for (const [key, bytes] of before) expect(await bytesOf(store, key), key).toEqual(bytes);
    expect(found).toEqual(keys);
  }

  it("is sound, with its manifest and the store's own objects", async () => {
    const { url } = await small.defs.store.writeManifest();
    expect(url).toBe(`s3://${bucket.name}/prod/a b+c/manifest.json`);
    expect(await bucket.keys("prod/a b+c/.mlforge/")).not.toEqual([]);
    const sound = { features: 2, versions: 6, files: 2 * (3 * 3 + 1) + 1, problems: [], notes: [] };
    expect(await over(store).store.verify()).toMatchObject(sound);
    expect(await over(store).store.verify({ quick: true })).toMatchObject(sound);
    const { store: location, features } = await over(store).store.manifest();
    expect(location.name).toBe("s3");
    expect(features.map(({ name, latest, versions }) => [name, latest, versions.length])).toEqual([
      ["routes", "1.0.2", 3],
      ["totals", "1.0.1", 3],
    ]);
  });

  it("has each damage found", async () => {
    const [data, other] = ["totals/1.0.0/data.parquet", "totals/1.0.1/data.parquet"] as const;
    const content = await contentOf(store);
    const of = (key: string): Uint8Array => content.get(key) ?? new Uint8Array();
    for (const key of [data, "totals/1.0.0/.meta.json", "totals/1.0.0/.claim.json", "routes/_latest.json", "manifest.json"]) {
      await expectFound(() => store.put(key, flipped(of(key), 801)), key);
    }
    await expectFound(() => store.delete(data), data);
    await expectFound(() => store.delete("routes/1.0.0/.meta.json"), "routes/1.0.0/.meta.json");
    await expectFound(() => store.put("routes/_latest.json", of("routes/_latest.json").slice(0, 300)), "routes/_latest.json");
    await expectFound(() => Promise.all([store.put(data, of(other)), store.put(other, of(data))]), data, other);
    await expectFound(
      () =>
        Promise.all([
          store.put("totals/_latest.json", of("routes/_latest.json")),
          store.put("routes/_latest.json", of("totals/_latest.json")),
        ]),
      "routes/_latest.json",
      "totals/_latest.json",
    );
  });

  it("has strays found, whatever their names", async () => {
    for (const key of ["a+b %20/x", "totals/1.0.0/日本 +&=?#", "totals/1.0.0/.meta.json.bak", "x".repeat(200)]) {
      await store.put(key, Buffer.from("stray"));
      const { problems } = await over(store).store.verify();
      await store.delete(key);
      expect(problems).toMatchObject([{ kind: "stray" }]);
      expect(key.startsWith(problems[0]?.key ?? "nothing")).toBe(true);
    }
    expect(await problemsOf(store)).toEqual([]);
  });

  it("sends no get of data where it is quick", async () => {
    const recording = recordingStore(store);
    await over(recording.store).store.verify({ quick: true });
    expect(recording.operations.filter(({ name, key }) => name === "get" && key.endsWith(".parquet"))).toEqual([]);
    expect(recording.operations.filter(({ name }) => name === "list")).toHaveLength(1);
  });

  it("tells its time", async () => {
    expect(await over(store).store.checkClock()).toMatchObject({ store: "s3", passed: true });
    expect(Math.abs((await over(store).store.checkClock()).skew ?? Number.NaN)).toBeLessThan(5);
  });
});
