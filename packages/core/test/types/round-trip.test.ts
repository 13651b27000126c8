import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { ParquetFormat } from "@mlforge/format-parquet";
import { type Columns, columnTypeOf } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { describeWith, runPython } from "@mlforge/test-servers";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Definitions, feature, source } from "../../src/index.js";
import { type Plain, plainOf, type Table, tables } from "./model.js";
import { pyarrowTables } from "./pyarrow-tables.js";

let folder: string;
const engine = new DuckDBEngine({ threads: 1 });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-types-"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const exact = { int64: "bigint", timestamp: "microseconds" } as const;

async function plainRows(rows: AsyncIterable<object>, { columns }: Table): Promise<Plain[][]> {
  const found: Plain[][] = [];
  for await (const row of rows) {
    const members = new Map(Object.entries(row));
    found.push(columns.map((column) => plainOf(members.get(column.name), column)));
  }
  return found;
}

describeWith("tables", "every kind of column", () => {
  it("comes back value for value from a build, by engine and format, a training set, CSV and pyarrow", { timeout: 240_000 }, async () => {
    const seed = Date.now();
    const samples = fc.sample(tables, { numRuns: 12, seed });
    await writeFile(join(folder, "tables.json"), JSON.stringify(samples));
    runPython(pyarrowTables, ["write", folder]);
    for (const [index, table] of samples.entries()) {
      const columns: Columns = Object.fromEntries(table.columns.map((column) => [column.name, columnTypeOf(column)]));
      const path = join(folder, `${index}.parquet`);
      const declared = source({ name: "rows", path, columns });
      const each = feature({ name: `each${index}`, source: declared, keys: ["id"], static: true });
      const offlineStore = new LocalStore(join(folder, "store"));
      const defs = new Definitions({ name: "types", features: [each], offlineStore, engine });
      const { failed, built } = await defs.build();
      expect({ seed, failed }).toEqual({ seed, failed: [] });

      const read = await defs.readFeature(each);
      expect({ seed, rows: await plainRows(read.rows(exact), table) }).toEqual({ seed, rows: table.rows });
      const format = new Definitions({ name: "types", features: [each], offlineStore, format: new ParquetFormat() });
      expect({ seed, rows: await plainRows((await format.readFeature(each)).rows(exact), table) }).toEqual({ seed, rows: table.rows });

      const training = await defs.getTrainingData({ labels: declared, features: [{ feature: each, prefix: "f_" }] });
      const joined: Table = {
        rows: table.rows,
        columns: table.columns.map((column) => (column.name === "id" ? column : { ...column, name: `f_${column.name}` })),
      };
      expect({ seed, rows: await plainRows(training.rows(exact), table) }).toEqual({ seed, rows: table.rows });
      expect({ seed, rows: await plainRows(training.rows(exact), joined) }).toEqual({ seed, rows: table.rows });

      const csv = join(folder, `${index}.csv`);
      await (await defs.getTrainingData({ labels: declared, features: [] })).write(csv);
      const again = await defs.getTrainingData({ labels: source({ name: "again", path: csv, columns }), features: [] });
      expect({ seed, rows: await plainRows(again.rows(exact), table) }).toEqual({ seed, rows: table.rows });

      const [one] = built;
      if (one === undefined) throw new TypeError("nothing was built");
      await copyFile(fileURLToPath(one.url), join(folder, `${index}-built.parquet`));
    }
    const byPyarrow: unknown = JSON.parse(runPython(pyarrowTables, ["read", folder]));
    expect({ seed, byPyarrow }).toEqual({ seed, byPyarrow: samples.map(({ rows }) => rows) });
  });
});
