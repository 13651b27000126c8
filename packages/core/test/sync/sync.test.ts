import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { ParquetFormat } from "@mlforge/format-parquet";
import { isMlforgeError, type Store } from "@mlforge/spec";
import { S3Store } from "@mlforge/store-s3";
import { describeWith } from "@mlforge/test-servers";
import { memoryStore, recordingStore } from "@mlforge/testkit/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { batches, Definitions, feature, source, t } from "../../src/index.js";
import { openBucket } from "../s3/bucket.js";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-test-"));
  path = join(folder, "events.csv");
  await writeFile(path, "user,amount\na,1\nb,2\nc,3\n");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const columns = { user: t.string(), amount: t.int64() };
const key = "spend/1.0.0/data.parquet";

/** A feature whose function gives as many of its rows as `take` says: what no fingerprint can tell. */
function definitionsOf(store: Store, take: () => number): Definitions {
  const spend = feature({
    name: "spend",
    source: source({ path, columns }),
    keys: ["user"],
    transform: batches({
      columns,
      async *run(input) {
        for await (const batch of input) yield batch.slice(0, take());
      },
    }),
  });
  return new Definitions({
    name: "test",
    features: [spend],
    offlineStore: store,
    format: new ParquetFormat(),
    engine: new DuckDBEngine({ threads: 1, tempDirectory: folder }),
  });
}

async function bytesOf(store: Store, of: string): Promise<Uint8Array> {
  await using found = await store.get(of);
  const parts: Uint8Array[] = [];
  for await (const part of found.body) parts.push(part);
  return Buffer.concat(parts);
}

describe("a version whose data is gone", () => {
  it("is not given other rows, whatever the fingerprints say; a new version is", async () => {
    const store = memoryStore();
    let take = 2;
    await using defs = definitionsOf(store, () => take);
    await defs.build();
    const metadata = await bytesOf(store, "spend/1.0.0/.meta.json");
    await store.delete(key);
    take = 3;
    const { failed, synced } = await defs.sync();
    expect(synced).toEqual([]);
    const error = failed[0]?.error;
    if (!isMlforgeError(error, "SYNC_MISMATCH")) throw error ?? new Error("it was rebuilt");
    expect(error.details).toEqual({ feature: "spend", version: "1.0.0", problems: ["it has 3 rows instead of 2"] });
    await expect(store.head(key)).rejects.toSatisfy((reason) => isMlforgeError(reason, "STORE_NOT_FOUND"));

    const forced = await defs.sync({ force: true });
    expect(forced.published.map(({ version, rows }) => [version, rows])).toEqual([["1.0.1", 3]]);
    expect(forced.failed).toEqual([]);
    await expect(store.head(key)).rejects.toSatisfy((reason) => isMlforgeError(reason, "STORE_NOT_FOUND"));
    expect(await bytesOf(store, "spend/1.0.0/.meta.json")).toEqual(metadata);
  });

  it("is rebuilt with one put, and none where it is there", async () => {
    const store = memoryStore();
    await using builder = definitionsOf(store, () => 3);
    await builder.build();
    const sound = createHash("sha256")
      .update(await bytesOf(store, key))
      .digest("hex");
    await store.delete(key);
    const { store: recorded, operations } = recordingStore(store);
    await using defs = definitionsOf(recorded, () => 3);
    expect((await defs.sync()).synced).toMatchObject([{ feature: "spend", version: "1.0.0", rows: 3 }]);
    const writes = (): unknown[] => operations.filter(({ name }) => name === "put" || name === "delete");
    expect(writes()).toMatchObject([{ name: "put", key }]);
    expect(
      createHash("sha256")
        .update(await bytesOf(store, key))
        .digest("hex"),
    ).toBe(sound);
    expect((await defs.sync()).present).toEqual([{ feature: "spend", version: "1.0.0" }]);
    expect(writes()).toHaveLength(1);
  });

  it("was never there where nothing was built", async () => {
    await using defs = definitionsOf(memoryStore(), () => 3);
    expect(await defs.sync()).toEqual({ synced: [], missing: [], present: [], unbuilt: ["spend"], published: [], failed: [] });
  });
});

describeWith("moto", "a version in S3 whose data is gone", () => {
  it("is rebuilt, and read by what is recorded of it", async () => {
    await using bucket = await openBucket();
    const store = new S3Store({ ...bucket.options, prefix: "features" });
    await using defs = definitionsOf(store, () => 3);
    await defs.build();
    await store.delete(key);
    expect((await defs.sync({ dryRun: true })).missing.map(({ feature: name }) => name)).toEqual(["spend"]);
    expect((await defs.sync()).synced.map(({ feature: name }) => name)).toEqual(["spend"]);
    const rows: unknown[] = [];
    for await (const row of (await defs.readFeature("spend", { verify: true })).rows()) rows.push(row);
    expect(rows).toEqual([
      { user: "a", amount: 1 },
      { user: "b", amount: 2 },
      { user: "c", amount: 3 },
    ]);
  });
});
