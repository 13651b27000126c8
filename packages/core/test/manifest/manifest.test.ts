import { MlforgeError } from "@mlforge/spec";
import { interceptStore, memoryStore } from "@mlforge/testkit/store";
import { expect, it } from "vitest";
import { Definitions, feature, source } from "../../src/index.js";
import { dataKey, metadataKey, pointerKey } from "../../src/log/keys.js";
import { readPointer, swapPointer } from "../../src/log/pointer.js";
import { observe, publish } from "../../src/log/publish.js";
import { bytesOf, candidate, logOf } from "../log/candidates.js";
import { over } from "../verify/small-store.js";

const now = (): Date => new Date("2026-05-01T00:00:00.000Z");

async function filled() {
  const store = memoryStore();
  for (const name of ["b", "a"]) {
    for (const commit of ["1", "2"]) {
      const log = logOf(store, `${name}${commit}`, name);
      await publish(log, candidate(log, { source: commit }), await observe(log));
    }
  }
  return store;
}

it("has every feature of the store, by name, with what its metadata says", async () => {
  const store = await filled();
  const manifest = await over(store, now).store.manifest();
  expect(manifest).toMatchObject({
    layout_version: 1,
    generated_at: "2026-05-01T00:00:00.000Z",
    store: { name: "memory", url: "memory:///" },
  });
  expect(manifest.features.map(({ name, latest, held, broken }) => [name, latest, held, broken])).toEqual([
    ["a", "1.0.1", false, []],
    ["b", "1.0.1", false, []],
  ]);
  const metadata: unknown = JSON.parse(Buffer.from((await bytesOf(store, metadataKey("a", "1.0.1"))) ?? "").toString("utf8"));
  const found = manifest.features[0]?.versions[1];
  const { rows, bytes, change, timestamp, ...same } = found ?? {};
  expect(metadata).toMatchObject(same);
  expect([rows, bytes, change, timestamp]).toEqual([1, (await store.head(dataKey("a", "1.0.1"))).size, "patch", null]);
});

it("says that a feature is held", async () => {
  const store = await filled();
  const move = { version: "1.0.1", kind: "hold", at: "2026-01-01T00:00:00.000Z", by: "ada", reason: "", commit_id: "h" } as const;
  await swapPointer(store, "a", await readPointer(store, "a"), { move, held: true });
  expect((await over(store).store.manifest()).features.map(({ held }) => held)).toEqual([true, false]);
});

it("lists apart what cannot be read", async () => {
  const store = await filled();
  await store.put(metadataKey("a", "1.0.0"), Buffer.from("{"));
  await store.put(pointerKey("b"), (await bytesOf(store, pointerKey("a"))) ?? new Uint8Array());
  const { features } = await over(store).store.manifest();
  expect(features).toMatchObject([
    {
      latest: "1.0.1",
      versions: [{ version: "1.0.1" }],
      broken: [{ version: "1.0.0", key: metadataKey("a", "1.0.0"), error: { code: "METADATA_INVALID" } }],
    },
    { latest: null, versions: [{}, {}], broken: [{ version: null, key: pointerKey("b"), error: { code: "METADATA_INVALID" } }] },
  ]);
});

it("is written as one object, takes no feature for another, and is none itself", async () => {
  const store = await filled();
  await store.put("readme/notes.txt", Buffer.from("no feature"));
  await store.put("manifest.json", Buffer.from("older"));
  const { manifest, url } = await over(store, now).store.writeManifest();
  expect(url).toBe("memory:///manifest.json");
  const written: unknown = JSON.parse(Buffer.from((await bytesOf(store, "manifest.json")) ?? "").toString("utf8"));
  expect(written).toEqual({ ...manifest, checksum: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect((await over(store, now).store.manifest()).features.map(({ name }) => name)).toEqual(["a", "b"]);
  const rows = source({ path: "rows.parquet" });
  expect(
    () => new Definitions({ name: "d", features: [feature({ name: "manifest.json", source: rows, keys: ["k"] })], offlineStore: store }),
  ).toThrow(expect.objectContaining({ code: "DEFINITION_INVALID" }));
});

it("is written again where the store could not answer", async () => {
  const inner = await filled();
  let failures = 2;
  const store = interceptStore(inner, ({ phase, operation }) => {
    if (phase === "before" && operation.name === "put" && failures-- > 0) {
      throw new MlforgeError("STORE_UNAVAILABLE", "down", { store: "memory", operation: "put" });
    }
  });
  await over(store).store.writeManifest();
  expect((await over(inner).store.verify()).problems).toEqual([]);
});
