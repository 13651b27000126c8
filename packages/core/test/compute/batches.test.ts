import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ParquetFormat } from "@mlforge/format-parquet";
import { isMlforgeError, type Store } from "@mlforge/spec";
import { memoryStore } from "@mlforge/testkit/store";
import { Field, Int64, makeData, RecordBatch, Schema, Struct, Utf8, vectorFromArray } from "apache-arrow";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { batches, Definitions, feature, source, t } from "../../src/index.js";

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-test-"));
  store = memoryStore();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const columns = { user: t.string(), total: t.int64() };

/** A batch of the columns above, made by apache-arrow alone. */
function batchOf(rows: readonly (readonly [string | null, bigint | null])[]): RecordBatch {
  const users = vectorFromArray(
    rows.map(([user]) => user),
    new Utf8(),
  );
  const totals = vectorFromArray(
    rows.map(([, total]) => total),
    new Int64(),
  );
  const schema = new Schema([new Field("user", new Utf8(), true), new Field("total", new Int64(), true)]);
  const children = [users.data[0], totals.data[0]].filter((data) => data !== undefined);
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children }));
}

async function writeSource(rows: readonly (readonly [string | null, bigint | null])[]): Promise<string> {
  const path = join(folder, "events.parquet");
  const schema = Object.entries(columns).map(([name, column]) => ({ name, ...column }));
  const parts: Uint8Array[] = [];
  async function* one(): AsyncGenerator<RecordBatch> {
    yield batchOf(rows);
  }
  for await (const part of new ParquetFormat().encode(one(), schema)) parts.push(part);
  await writeFile(path, Buffer.concat(parts));
  return path;
}

/** Definitions of one feature that yields `output`, over a store and a format alone. */
function definitionsOf(path: string, output: readonly (readonly (readonly [string | null, bigint | null])[])[]) {
  const totals = feature({
    name: "totals",
    source: source({ path, columns }),
    keys: ["user"],
    transform: batches({
      columns,
      version: JSON.stringify(output, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value)),
      async *run(input) {
        for await (const batch of input) if (batch.numRows > 2) throw new Error("more than two rows");
        for (const rows of output) yield batchOf(rows);
      },
    }),
  });
  return new Definitions({ name: "test", features: [totals], offlineStore: store, format: new ParquetFormat() });
}

async function readRows(
  defs: ReturnType<typeof definitionsOf>,
  options: { verify?: boolean; columns?: ["total"] } = {},
): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const row of (await defs.readFeature("totals", options)).rows()) rows.push(row);
  return rows;
}

describe("a feature made by a TypeScript function, without an engine", () => {
  it("is built, skipped while nothing changes, and read back", async () => {
    const path = await writeSource([["a", 1n]]);
    const defs = definitionsOf(path, [
      [
        ["a", 1n],
        ["b", null],
      ],
      [["c", 3n]],
    ]);
    const { built, failed } = await defs.build();
    expect(failed).toEqual([]);
    expect(built).toMatchObject([{ feature: "totals", version: "1.0.0", change: "initial", rows: 3, latest: true }]);
    expect((await defs.build()).skipped).toMatchObject([{ feature: "totals", version: "1.0.0", reason: "nothing changed" }]);
    expect(await readRows(defs, { verify: true })).toEqual([
      { user: "a", total: 1 },
      { user: "b", total: null },
      { user: "c", total: 3 },
    ]);
    expect(await readRows(defs, { columns: ["total"] })).toEqual([{ total: 1 }, { total: null }, { total: 3 }]);
  });

  it("is a patch where the source's content changed, and nothing where only its name did", async () => {
    const path = await writeSource([["a", 1n]]);
    const defs = definitionsOf(path, [[["a", 1n]]]);
    await defs.build();
    await writeSource([["a", 2n]]);
    expect((await defs.build()).built).toMatchObject([{ version: "1.0.1", change: "patch", reason: "the source data changed" }]);
  });

  it.each([
    [
      "a null key",
      [
        [
          ["a", 1n],
          [null, 2n],
        ],
      ],
      "KEY_VIOLATION",
    ],
    [
      "a key twice",
      [
        [
          ["a", 1n],
          ["a", 2n],
        ],
      ],
      "KEY_VIOLATION",
    ],
    ["a key twice in two batches", [[["a", 1n]], [["a", 2n]]], "KEY_VIOLATION"],
    [
      "rows out of order",
      [
        [
          ["b", 1n],
          ["a", 2n],
        ],
      ],
      "TRANSFORM_FAILED",
    ],
  ] as const)("is refused with %s, and nothing is written", async (_, output, code) => {
    const defs = definitionsOf(await writeSource([["a", 1n]]), output);
    const { failed } = await defs.build();
    expect(failed.map(({ error }) => error.code)).toEqual([code]);
    for await (const entry of store.list("")) throw new Error(`${JSON.stringify(entry)} was written`);
    expect(await readdir(folder)).toEqual(["events.parquet"]);
  });

  it("shows the rows that break the keys", async () => {
    const defs = definitionsOf(await writeSource([["a", 1n]]), [
      [
        ["a", 1n],
        ["a", 2n],
      ],
    ]);
    const [failure] = (await defs.build()).failed;
    expect(failure?.error.message).toContain("user=a");
  });

  it("says what the function threw", async () => {
    const defs = definitionsOf(
      await writeSource([
        ["a", 1n],
        ["b", 2n],
        ["c", 3n],
      ]),
      [],
    );
    const [failure] = (await defs.build()).failed;
    expect(failure?.error.code).toBe("TRANSFORM_FAILED");
    expect(failure?.error.message).toContain("more than two rows");
  });

  it("names the source and its format where that is another than the one of Definitions", async () => {
    const path = join(folder, "events.csv");
    await writeFile(path, "user,total\na,1\n");
    const [failure] = (await definitionsOf(path, []).build()).failed;
    expect(failure?.error.code).toBe("CAPABILITY_MISSING");
    expect(failure?.error.message).toBe(
      'source "events" of feature "totals" is csv; without an engine, Definitions reads only parquet; ' +
        "pass an engine to Definitions, for example new DuckDBEngine()",
    );
  });

  it("fails with SOURCE_NOT_FOUND where the file is missing", async () => {
    const [failure] = (await definitionsOf(join(folder, "none.parquet"), []).build()).failed;
    expect(failure?.error.code).toBe("SOURCE_NOT_FOUND");
  });
});

describe("reading back", () => {
  it("finds one flipped bit, wherever it is, when asked to verify", async () => {
    const defs = definitionsOf(await writeSource([["a", 1n]]), [[["a", 1n]]]);
    await defs.build();
    const key = "totals/1.0.0/data.parquet";
    await using found = await store.get(key);
    const parts: Uint8Array[] = [];
    for await (const part of found.body) parts.push(part);
    const bytes = Buffer.concat(parts);
    for (let index = 0; index < bytes.length; index += 13) {
      const damaged = Uint8Array.from(bytes);
      damaged[index] = (damaged[index] ?? 0) ^ (1 << (index % 8));
      await store.put(key, damaged);
      await expect(readRows(defs, { verify: true })).rejects.toSatisfy((error) => isMlforgeError(error, "DATA_CORRUPT"));
    }
  });

  it("finds a file of another size without being asked", async () => {
    const defs = definitionsOf(await writeSource([["a", 1n]]), [[["a", 1n]]]);
    await defs.build();
    await store.put("totals/1.0.0/data.parquet", new Uint8Array(3));
    await expect(readRows(defs)).rejects.toSatisfy((error) => isMlforgeError(error, "DATA_CORRUPT"));
  });

  it("says how to get data that a clone of the metadata does not have, and that works", async () => {
    const defs = definitionsOf(await writeSource([["a", 1n]]), [[["a", 1n]]]);
    await defs.build();
    await store.delete("totals/1.0.0/data.parquet");
    expect((await defs.build()).skipped).toMatchObject([{ version: "1.0.0", reason: "nothing changed" }]);
    await expect(readRows(defs)).rejects.toMatchObject({
      code: "DATA_CORRUPT",
      message: expect.stringMatching(/it is missing \(a Git clone .*publish a new version with mlforge build --force$/),
    });
    expect((await defs.build({ force: true })).built).toMatchObject([{ version: "1.0.1" }]);
    expect(await readRows(defs)).toEqual([{ user: "a", total: 1 }]);
  });

  it("names the nearest column, and the versions there are", async () => {
    const defs = definitionsOf(await writeSource([["a", 1n]]), [[["a", 1n]]]);
    await expect(defs.readFeature("totals")).rejects.toSatisfy((error) => isMlforgeError(error, "VERSION_NOT_FOUND"));
    await defs.build();
    // @ts-expect-error a misspelt column
    await expect(defs.readFeature("totals", { columns: ["totl"] })).rejects.toSatisfy(
      (error) => isMlforgeError(error, "COLUMN_UNKNOWN") && error.details.nearest === "total",
    );
    await expect(defs.readFeature("totals", { version: "2.0.0" })).rejects.toSatisfy(
      (error) => isMlforgeError(error, "VERSION_NOT_FOUND") && error.details.available.join() === "1.0.0",
    );
    expect((await defs.readFeature("totals", { version: "^1.0" })).version).toBe("1.0.0");
  });
});
