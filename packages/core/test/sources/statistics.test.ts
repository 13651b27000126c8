import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { Expression, Literal, NamedColumn, Plan, ScalarFunction } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { describeWith, runPython } from "@mlforge/test-servers";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";

/** Writes a column of each type in small row groups, with a Bloom filter for each and without. */
const writeFiles = `
import sys, json, base64, numpy as np, pyarrow as pa, pyarrow.parquet as pq
folder = sys.argv[1]
columns = json.loads(sys.argv[2])
floats = [None if value is None else float(value) for value in columns["floats"]]
table = pa.table({
    "bytes": pa.array([None if value is None else base64.b64decode(value) for value in columns["bytes"]], pa.binary()),
    "half": pa.array([None if value is None else np.float16(value) for value in floats], pa.float16()),
    "float": pa.array(floats, pa.float32()),
    "double": pa.array(floats, pa.float64()),
})
for name, filters in (("plain", None), ("bloom", {name: {"ndv": 64, "fpp": 0.0001} for name in table.column_names})):
    pq.write_table(table, f"{folder}/{name}.parquet", row_group_size=4, bloom_filter_options=filters)
`;

const floats = fc.option(fc.constantFrom(Number.NaN, -0, 0, 1.5, -2.5, 5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY));
const bytes = fc.option(fc.uint8Array({ minLength: 0, maxLength: 2 }).map((value) => Buffer.from(value)));
const rows = fc.array(fc.tuple(bytes, floats), { minLength: 1, maxLength: 24 });

/** NaN equals itself and is greater than all else, and the zeros are equal: what `ScalarFunction` says. */
function compareFloats(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : Number(a > b);
}

const comparisons: readonly (readonly [ScalarFunction, (order: number) => boolean])[] = [
  ["equal", (order) => order === 0],
  ["notEqual", (order) => order !== 0],
  ["less", (order) => order < 0],
  ["lessOrEqual", (order) => order <= 0],
  ["greater", (order) => order > 0],
  ["greaterOrEqual", (order) => order >= 0],
  ["in", (order) => order === 0],
];

describeWith("tables", "Statistics and Bloom filters of Parquet files", () => {
  let folder = "";
  const engine = new DuckDBEngine({ threads: 1 });
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlforge-statistics-"));
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const url = (name: string): string => pathToFileURL(join(folder, name)).href;
  const reference = (name: string): Expression => ({ expr: "column", name });
  const counted = { name: "n", value: { function: "count" } } as const;

  async function countOf(input: Plan): Promise<number> {
    for await (const batch of engine.run({ op: "aggregate", input, keys: [], aggregates: [counted] }))
      return Number(batch.getChildAt(0)?.get(0));
    throw new Error("no batch");
  }

  it("lose no row, whatever is compared with", async () => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.uint8Array({ maxLength: 2 }),
        fc.constantFrom(Number.NaN, -0, 0, 1.5, 4, 7),
        async (table, someBytes, someFloat) => {
          const values = {
            bytes: table.map(([value]) => value?.toString("base64") ?? null),
            floats: table.map(([, value]) =>
              value === null ? null : Object.is(value, -0) ? "-0.0" : String(value).replace("Infinity", "inf"),
            ),
          };
          runPython(writeFiles, [folder, JSON.stringify(values)]);
          const wanted = Buffer.from(someBytes);
          const orders = {
            bytes: table.flatMap(([value]) => (value === null ? [] : [Buffer.compare(value, wanted)])),
            floats: table.flatMap(([, value]) => (value === null ? [] : [compareFloats(value, someFloat)])),
          };
          const columns = [
            { name: "bytes", kind: "bytes", value: wanted.toString("base64"), found: orders.bytes },
            ...["half", "float", "double"].map((name) => ({
              name,
              kind: name === "double" ? ("float64" as const) : ("float32" as const),
              value: Object.is(someFloat, -0) ? "-0" : String(someFloat),
              found: orders.floats,
            })),
          ] as const;
          for (const file of ["plain", "bloom"]) {
            for (const { name, kind, value, found } of columns) {
              const column: NamedColumn = { name, kind, nullable: true };
              const scan: Plan = {
                op: "scan",
                source: "s",
                format: { kind: "parquet" },
                paths: [url(`${file}.parquet`)],
                columns: [column],
              };
              const literal: Literal = { expr: "literal", kind, value };
              for (const [comparison, fits] of comparisons) {
                const condition: Expression = { expr: "call", function: comparison, arguments: [reference(name), literal] };
                const expected = found.filter(fits).length;
                expect([file, name, comparison, await countOf({ op: "filter", input: scan, condition })]).toEqual([
                  file,
                  name,
                  comparison,
                  expected,
                ]);
              }
              const same = found.filter((order) => order === 0).length;
              const one: Plan = {
                op: "sql",
                query: `SELECT ${sqlOf(literal)} AS other`,
                inputs: {},
                columns: [{ name: "other", kind, nullable: true }],
              };
              const joined: Plan = { op: "join", left: scan, right: one, on: [{ left: name, right: "other" }], type: "inner" };
              expect([file, name, "join", await countOf(joined)]).toEqual([file, name, "join", same]);
            }
          }
        },
      ),
      { numRuns: 8 },
    );
  });

  function sqlOf({ kind, value }: Literal): string {
    return kind === "bytes" ? `from_base64('${value}')` : `CAST('${value}' AS ${kind === "float32" ? "FLOAT" : "DOUBLE"})`;
  }

  it("the greatest and least value of a column with NaN are right", async () => {
    runPython(writeFiles, [folder, JSON.stringify({ bytes: [null, null], floats: ["nan", "2"] })]);
    for (const name of ["half", "float", "double"]) {
      const column: NamedColumn = { name, kind: name === "double" ? "float64" : "float32", nullable: true };
      const input: Plan = { op: "scan", source: "s", format: { kind: "parquet" }, paths: [url("bloom.parquet")], columns: [column] };
      const aggregates = (["max", "min"] as const).map((each) => ({ name: each, value: { function: each, input: reference(name) } }));
      for await (const batch of engine.run({ op: "aggregate", input, keys: [], aggregates }))
        expect(batch.toArray().map((row) => row?.toArray())).toEqual([[Number.NaN, 2]]);
    }
  });

  describe("Keys of bytes above 0x7f", () => {
    const writeBytes = `
import sys, datetime as dt, pyarrow as pa, pyarrow.parquet as pq
times = pa.array([dt.datetime(2024, 1, 1 + i) for i in range(5)], pa.timestamp("us"))
table = pa.table({"k": pa.array([b"\\xff\\x80"] * 5, pa.binary()), "at": times, "v": range(5)})
pq.write_table(table, sys.argv[1], bloom_filter_options={"k": True})
`;

    it("are found by explain, diff, training sets and checks, in files without Bloom filters", async () => {
      const path = join(folder, "bytes.parquet");
      runPython(writeBytes, [path]);
      const rows = source({ path, timestamp: "at", columns: { k: t.bytes(), at: t.timestamp(), v: t.int64() } });
      const store = join(folder, "store");
      const defsOf = (factor: number) => {
        const seen = feature({
          name: "seen",
          source: rows,
          keys: ["k"],
          transform: (all) => all.derive(({ v }) => ({ v: v.times(factor) })),
        });
        return new Definitions({ name: "bytes", features: [seen], offlineStore: new LocalStore(store), engine });
      };
      await defsOf(1).build();
      const defs = defsOf(2);
      expect((await defs.build()).failed).toEqual([]);

      const label = { k: Buffer.from([0xff, 0x80]), at: new Date("2024-01-04T12:00:00Z") };
      const training = await defs.getTrainingData({ labels: [label], timestamp: "at", features: ["seen"] });
      const found = [];
      for await (const { v } of training.rows()) found.push(v);
      expect(found).toEqual([6]);

      const { features: explained } = await defs.explainRow({ row: label, timestamp: "at", features: ["seen"] });
      expect(explained).toMatchObject([{ outcome: "found", newest: { values: { v: 6n } }, earlier: 3, later: { count: 1 } }]);
      expect(await defs.versions.diff("seen")).toMatchObject({ data: { rows: { onlyFrom: 0, onlyTo: 0, unchanged: 1, changed: 4 } } });

      const instance = await DuckDBInstance.create(":memory:");
      const connection = await instance.connect();
      const filters = `SELECT count(*)::INTEGER, count(bloom_filter_offset)::INTEGER FROM parquet_metadata('${store}/seen/*/data.parquet')`;
      expect((await connection.runAndReadAll(filters)).getRows()).toEqual([[6, 0]]);
      connection.closeSync();
      instance.closeSync();
    });
  });
});
