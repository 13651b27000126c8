import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { LocalStore } from "@mlforge/store-local";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Definitions, feature, source } from "../../src/index.js";

let folder: string;
const engine = new DuckDBEngine({ threads: 1 });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-omitted-"));
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const select = `SELECT r AS id, [r, 0.5]::FLOAT[] AS v, r AS "__proto__", INTERVAL 1 DAY AS age FROM range(2) AS t(r)`;
  await connection.run(`COPY (${select}) TO '${join(folder, "events.parquet")}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const definitions = (...features: readonly ReturnType<typeof feature>[]) =>
  new Definitions({ name: "omitted", features, offlineStore: new LocalStore(join(folder, "store")), engine });

describe("a source with a column that no kind can hold", () => {
  it("is built with a warning where the feature does not keep that column, and its lists are kept", async () => {
    const events = source({ name: "events", path: join(folder, "events.parquet") });
    const some = feature({
      name: "some",
      source: events,
      keys: ["id"],
      static: true,
      transform: (rows) => rows.select("id", "v", "__proto__"),
    });
    const { built, failed } = await definitions(some).build();
    expect(failed).toEqual([]);
    expect(built[0]?.omitted).toEqual([{ source: "events", column: "age", type: "INTERVAL" }]);
    const rows: object[] = [];
    for await (const row of (await definitions(some).readFeature("some")).rows()) rows.push(row);
    expect(rows.map((row) => Object.entries(row))).toEqual([
      [
        ["id", 0],
        ["v", [0, 0.5]],
        ["__proto__", 0],
      ],
      [
        ["id", 1],
        ["v", [1, 0.5]],
        ["__proto__", 1],
      ],
    ]);
  });

  it("fails the build of a feature that would have kept it", async () => {
    const events = source({ name: "events", path: join(folder, "events.parquet") });
    const { failed } = await definitions(feature({ name: "all", source: events, keys: ["id"], static: true })).build();
    expect(failed[0]?.error).toMatchObject({
      code: "SCHEMA_MISMATCH",
      message: expect.stringContaining('"age" of source "events" is INTERVAL'),
    });
  });
});

describe("a key", () => {
  it("is never a list, and the error says why", async () => {
    const events = source({ name: "events", path: join(folder, "events.parquet") });
    const each = feature({ name: "each", source: events, keys: ["v"], static: true, transform: (rows) => rows.select("v") });
    const { failed } = await definitions(each).build();
    expect(failed[0]?.error).toMatchObject({
      code: "DEFINITION_INVALID",
      message: expect.stringContaining('"v" is list and cannot be a key'),
    });
  });
});

describe("labels as objects", () => {
  it("keep lists, vectors and structs, with every digit", async () => {
    const labels = [
      { id: 1, tags: ["a", null], deep: [[1n, 2n ** 62n]], v: new Float32Array([0.5, Number.NaN]), s: { city: "Köln", at: new Date(0) } },
      { id: 2, tags: [], deep: null, v: null, s: { city: null, at: null } },
    ];
    const training = await definitions().getTrainingData({ labels, features: [] });
    const rows: object[] = [];
    for await (const row of training.rows({ int64: "bigint", timestamp: "date" })) rows.push(row);
    expect(rows).toEqual(labels.map((label) => ({ ...label, id: BigInt(label.id) })));
  });

  it("refuse lists of two kinds, with the place", async () => {
    const labels = [{ id: 1, tags: ["a", 1] }];
    await expect(definitions().getTrainingData({ labels, features: [] })).rejects.toMatchObject({
      code: "LABELS_INVALID",
      message: expect.stringContaining('column "tags" of row 0 has a list of string and int64'),
    });
  });
});
