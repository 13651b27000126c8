import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { ParquetFormat } from "@mlforge/format-parquet";
import type { Store } from "@mlforge/spec";
import { interceptStore, memoryStore } from "@mlforge/testkit/store";
import { tableFromArrays } from "apache-arrow";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AnyFeature, batches, Definitions, feature, source, t } from "../../src/index.js";

const engine = new DuckDBEngine({ threads: 1 });
afterAll(() => engine[Symbol.asyncDispose]());

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-faulty-"));
  await writeFile(join(folder, "events.csv"), "user,total\na,1\nb,2\n");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const columns = { user: t.string(), total: t.int64() };
const events = () => source({ path: join(folder, "events.csv"), columns });
const plain = (name: string): AnyFeature => feature({ name, source: events(), keys: ["user"] });
/** A feature whose function yields one value, as JavaScript lets it. */
function yielding(value: unknown): AnyFeature {
  async function* run(): AsyncGenerator<unknown> {
    yield value;
  }
  // @ts-expect-error the function may yield what is no batch
  return feature({ name: "computed", source: events(), keys: ["user"], transform: batches({ columns, run }) });
}

function definitionsOf(features: readonly AnyFeature[], offlineStore: Store = memoryStore()) {
  return new Definitions({ name: "faulty", features, offlineStore, engine, format: new ParquetFormat() });
}

describe("a function over batches that yields", () => {
  it.each([
    [
      "nothing at all",
      undefined,
      "must yield an Arrow RecordBatch, got undefined; yield record batches like those that the function receives",
    ],
    ["null", null, "must yield an Arrow RecordBatch, got null;"],
    ["rows", [{ user: "a", total: 1n }], "must yield an Arrow RecordBatch, got an array;"],
    ["a function", () => [], "must yield an Arrow RecordBatch, got a function;"],
    ["a row", { user: "a", total: 1n }, "must yield an Arrow RecordBatch, got an object with user, total;"],
    ["a table", tableFromArrays({ user: ["a"] }), "must yield an Arrow RecordBatch, got an Arrow Table; yield the batches of the table"],
  ])("%s fails alone, and is told what to yield", async (_, value, told) => {
    const defs = definitionsOf([plain("first"), yielding(value), plain("last")]);
    const { built, failed } = await defs.build();
    expect(built.map(({ feature: name }) => name)).toEqual(["first", "last"]);
    expect(failed).toMatchObject([{ feature: "computed", error: { code: "TRANSFORM_FAILED" } }]);
    expect(failed[0]?.error.message).toContain(`the function of feature "computed" ${told}`);
    await expect(defs.preview("computed")).rejects.toMatchObject({ code: "TRANSFORM_FAILED" });
  });

  it("other columns than declared fails with what is wrong, also in a preview", async () => {
    const defs = definitionsOf([yielding(tableFromArrays({ user: ["a"] }).batches[0])]);
    expect((await defs.build()).failed).toMatchObject([{ error: { code: "SCHEMA_MISMATCH" } }]);
    await expect(defs.preview("computed")).rejects.toMatchObject({ code: "SCHEMA_MISMATCH" });
  });
});

describe("what is no error of mlforge", () => {
  const fault = new RangeError("a plugin is broken");
  const offlineStore = interceptStore(memoryStore(), ({ operation: { name, key } }) => {
    if (name === "put" && key.startsWith("second/")) throw fault;
  });

  it("fails its own feature only, and is told as a fault", async () => {
    const { built, failed } = await definitionsOf([plain("first"), plain("second"), plain("third")], offlineStore).build();
    expect(built.map(({ feature: name }) => name)).toEqual(["first", "third"]);
    expect(failed).toMatchObject([
      { feature: "second", error: { code: "UNEXPECTED", message: fault.message, cause: fault, details: { where: "second" } } },
    ]);
  });
});
