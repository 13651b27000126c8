import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { EngineOptions, Plan } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import type { RecordBatch } from "apache-arrow";
import * as fc from "fast-check";
import { parquetWriteFile } from "hyparquet-writer";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { haveNoNulls } from "../../src/compute/null-keys.js";
import { Definitions, feature, source, t } from "../../src/index.js";

/** Remembers the operations that it was asked to run. */
class RecordingEngine extends DuckDBEngine {
  readonly ran: Plan["op"][] = [];

  override run(plan: Plan, options?: EngineOptions): AsyncGenerator<RecordBatch, void, undefined> {
    this.ran.push(plan.op);
    return super.run(plan, options);
  }
}

const engine = new RecordingEngine({ threads: 1 });
afterAll(() => engine[Symbol.asyncDispose]());

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-nulls-"));
  engine.ran.length = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("haveNoNulls", () => {
  it("is true exactly if no row group has a null in the columns", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.option(fc.string(), { freq: 9 }), fc.option(fc.maxSafeInteger(), { freq: 9 })), { maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        fc.subarray(["a", "b"]),
        async (rows, rowGroupSize, columns) => {
          const filename = join(folder, "data.parquet");
          parquetWriteFile({
            filename,
            rowGroupSize,
            columnData: [
              { name: "a", data: rows.map(([a]) => a), type: "STRING" },
              { name: "b", data: rows.map(([, b]) => (b === null ? null : BigInt(b))), type: "INT64" },
            ],
          });
          const found = await haveNoNulls([pathToFileURL(filename).href], columns);
          expect(found).toBe(!rows.some(([a, b]) => (columns.includes("a") && a === null) || (columns.includes("b") && b === null)));
        },
      ),
      { numRuns: 100 },
    ));

  it("sees one null among the row groups that the engine writes", async () => {
    const nulls = async (name: string, value: string): Promise<boolean> => {
      const url = pathToFileURL(join(folder, name)).href;
      const query = `SELECT ${value} AS k FROM range(200000) AS r(i)`;
      await engine.write(
        { op: "sql", query, inputs: {}, columns: [{ name: "k", kind: "int64", nullable: true }] },
        { url, format: "parquet" },
      );
      return haveNoNulls([url], ["k"]);
    };
    expect(await nulls("none.parquet", "i")).toBe(true);
    expect(await nulls("one.parquet", "nullif(i, 150000)")).toBe(false);
  });

  it("is false where the file does not say, has no such column, or cannot be read", async () => {
    const filename = join(folder, "data.parquet");
    const url = pathToFileURL(filename).href;
    const columnData = [{ name: "a", data: ["x"], type: "STRING" as const }];
    parquetWriteFile({ filename, columnData });
    expect(await haveNoNulls([url], ["a"])).toBe(true);
    expect(await haveNoNulls([url], ["b"])).toBe(false);
    expect(await haveNoNulls([url, `${url}.other`], ["a"])).toBe(false);
    expect(await haveNoNulls(["s3://bucket/data.parquet"], ["a"])).toBe(false);
    parquetWriteFile({ filename, columnData, statistics: false });
    expect(await haveNoNulls([url], ["a"])).toBe(false);
    await writeFile(filename, "no Parquet");
    expect(await haveNoNulls([url], ["a"])).toBe(false);
  });
});

describe("the rows of a build", () => {
  const build = async (csv: string): Promise<{ built: number; codes: string[] }> => {
    await writeFile(join(folder, "events.csv"), csv);
    const events = source({ path: join(folder, "events.csv"), columns: { user: t.string(), amount: t.int64() } });
    const total = feature({
      name: "total",
      source: events,
      keys: ["user"],
      transform: (rows) => rows.groupBy("user").aggregate(({ amount }) => ({ sum: amount.sum() })),
    });
    const definitions = new Definitions({ name: "test", features: [total], offlineStore: new LocalStore(join(folder, "store")), engine });
    const { built, failed } = await definitions.build();
    return { built: built.length, codes: failed.map(({ error }) => error.code) };
  };

  it("are not read again where the plan makes the keys unique and the footer has no null", async () => {
    expect(await build("user,amount\na,1\na,2\nb,3\n")).toEqual({ built: 1, codes: [] });
    expect(engine.ran).toEqual([]);
  });

  it("are read again, and refused, where a key is null", async () => {
    expect(await build('user,amount\na,1\n,2\n"",3\n')).toEqual({ built: 0, codes: ["KEY_VIOLATION"] });
    expect(engine.ran).toEqual(["keyViolations"]);
  });
});
