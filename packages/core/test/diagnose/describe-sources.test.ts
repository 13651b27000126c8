import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { ParquetFormat } from "@mlforge/format-parquet";
import type { Column, Columns, SourceFormat } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Definitions, type DescribedSource, feature, source, t } from "../../src/index.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-describe-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function file(ending: string, text: string): Promise<string> {
  const path = join(folder, `file${files++}.${ending}`);
  await writeFile(path, text);
  return path;
}

async function parquet(select: string): Promise<string> {
  const path = join(folder, `file${files++}.parquet`);
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

interface Given {
  readonly path: string;
  readonly columns?: Columns | undefined;
  readonly format?: SourceFormat | undefined;
  readonly partitions?: Columns | undefined;
}

function definitionsOf(given: readonly Given[], withEngine = true): Definitions {
  const sources = given.map((each, index) => source({ ...each, name: `source${index}` }));
  return new Definitions({
    name: "test",
    features: sources.map((each, index) =>
      feature({ name: `feature${index}`, source: each, keys: [Object.keys(each.columns ?? { k: 1 })[0] ?? "k"] }),
    ),
    offlineStore: new LocalStore(join(folder, "store")),
    ...(withEngine ? { engine: new DuckDBEngine() } : { format: new ParquetFormat() }),
  });
}

async function described(given: Given, withEngine?: boolean): Promise<DescribedSource> {
  await using definitions = definitionsOf([given], withEngine);
  const report = await definitions.describeSources();
  expect(report.failed).toEqual([]);
  const [first] = report.described;
  if (first === undefined) throw new Error("nothing was described");
  return first;
}

function differences({ differences: found }: DescribedSource): Readonly<Record<string, string>> {
  return Object.fromEntries(found.map(({ column, difference }) => [column, difference]));
}

describe("describeSources", () => {
  it("gives the columns of the files where none are declared", async () => {
    const path = await parquet("SELECT 1::INTEGER AS a, 'x' AS b, [1] AS c, 1.5::DECIMAL(4, 2) AS d");
    expect(await described({ path })).toEqual({
      source: "source0",
      declares: false,
      columns: [
        { name: "a", kind: "int32", nullable: true },
        { name: "b", kind: "string", nullable: true },
        { name: "c", kind: "list", of: { kind: "int32", nullable: true }, nullable: true },
        { name: "d", kind: "decimal", precision: 4, scale: 2, nullable: true },
      ],
      differences: [],
      omitted: [],
      passed: true,
    });
  });

  it("tells what is missing, of another kind, read as another, and not declared", async () => {
    const path = await parquet("SELECT 1::INTEGER AS a, 'x' AS b, [1] AS c, 1.5::DECIMAL(4, 2) AS d, 2 AS e");
    const columns = { a: t.int64(), b: t.int64(), c: t.string(), d: t.decimal(4, 2), f: t.string() };
    const found = await described({ path, columns });
    expect(differences(found)).toEqual({ a: "read_as", b: "kind", c: "kind", f: "missing", e: "extra" });
    expect(found.passed).toBe(false);
    expect(found.differences.find(({ column }) => column === "f")?.message).toContain('no column "f"');
    expect(found.columns).toEqual([
      { name: "a", kind: "int64", nullable: true },
      { name: "b", kind: "string", nullable: true },
      { name: "c", kind: "list", of: { kind: "int32", nullable: true }, nullable: true },
      { name: "d", kind: "decimal", precision: 4, scale: 2, nullable: true },
      { name: "e", kind: "int32", nullable: true },
    ]);
  });

  it("keeps what is declared where the files can be read so: encodings, never-null, and other kinds of text", async () => {
    const path = await file("csv", "k,at,paid,price,code\n1,25/12/2020 10:00,1600000000,1.50,7\n2,26/12/2020 11:00,1600000001,2.25,8\n");
    const columns = {
      k: t.int64({ nullable: false }),
      at: t.timestamp({ format: ["%d/%m/%Y %H:%M", "%d/%m/%Y"] }),
      paid: t.timestamp({ unit: "s" }),
      price: t.decimal(10, 2),
      code: t.string(),
    };
    const found = await described({ path, columns });
    expect(found.passed).toBe(true);
    expect(differences(found)).toEqual({ at: "read_as", paid: "read_as", price: "read_as", code: "read_as" });
    expect(found.columns).toEqual(Object.entries(columns).map(([name, column]) => ({ name, ...column })));
  });

  it("finds values of text that cannot be read as declared", async () => {
    const path = await file("csv", "k,delay\n1,5\n2,late\n");
    const found = await described({ path, columns: { k: t.int64(), delay: t.int64() } });
    expect(differences(found)).toEqual({ delay: "kind" });
    expect(found.columns[1]).toEqual({ name: "delay", kind: "string", nullable: true });
  });

  it("takes a column of text without any value as whatever is declared", async () => {
    const path = await file("csv", "k,delay\n1,\n2,\n");
    expect(await described({ path, columns: { k: t.int64(), delay: t.float64() } })).toMatchObject({ passed: true });
  });

  it("goes by places where the files name no columns", async () => {
    const path = await file("csv", "1,a\n2,b\n");
    const given = { path, format: { kind: "csv", header: false } as const };
    expect(differences(await described({ ...given, columns: { k: t.int64(), name: t.string() } }))).toEqual({});
    expect(differences(await described({ ...given, columns: { k: t.int64(), name: t.int64() } }))).toEqual({ name: "kind" });
  });

  it("reads objects in NDJSON as text where that is declared", async () => {
    const path = await file("ndjson", '{"k":1,"o":{"a":1}}\n{"k":2,"o":{"a":2}}\n');
    const found = await described({ path, columns: { k: t.int64(), o: t.string() } });
    expect(found).toMatchObject({ passed: true, columns: [{ name: "k" }, { name: "o", kind: "string" }] });
  });

  it("leaves out what is in the names of folders, which is declared apart", async () => {
    await mkdir(join(folder, "days/day=2024-01-01"), { recursive: true });
    await writeFile(join(folder, "days/day=2024-01-01/a.csv"), "k,delay\n1,5\n");
    const given = { path: join(folder, "days/*/*.csv"), partitions: { day: t.date() } };
    expect(await described({ ...given, columns: { k: t.int64(), delay: t.string() } })).toMatchObject({
      passed: true,
      columns: [{ name: "k" }, { name: "delay", kind: "string" }],
      differences: [{ column: "delay", difference: "read_as" }],
    });
  });

  it("does without an engine what the format alone can tell", async () => {
    const path = await parquet("SELECT 1::INTEGER AS a, 'x' AS b");
    const found = await described({ path, columns: { a: t.int64(), b: t.string(), c: t.string() } }, false);
    expect(differences(found)).toEqual({ a: "kind", c: "missing" });
  });

  it("tells a source that is not there beside the others, and a name that is none at once", async () => {
    const path = await parquet("SELECT 1 AS k");
    await using definitions = definitionsOf([{ path: join(folder, "absent.parquet"), columns: { k: t.int64() } }, { path }]);
    const { described: found, failed } = await definitions.describeSources();
    expect(found.map((each) => each.source)).toEqual(["source1"]);
    expect(failed).toMatchObject([{ source: "source0", error: { code: "SOURCE_NOT_FOUND" } }]);
    expect((await definitions.describeSources({ sources: ["source1"] })).failed).toEqual([]);
    await expect(definitions.describeSources({ sources: ["sauce1"] })).rejects.toMatchObject({ code: "NAME_UNKNOWN" });
    const reason = new Error("enough");
    await expect(definitions.describeSources({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("passes exactly what a build of the declared columns does not refuse", async () => {
    const values = {
      i: "1::INTEGER",
      l: "2::BIGINT",
      f: "1.5::FLOAT",
      d: "2.5::DOUBLE",
      s: "'x'",
      b: "true",
      t: "TIMESTAMP '2020-01-01'",
      n: "[1]",
    };
    const path = await parquet(`SELECT 1 AS k, ${Object.entries(values).map(([name, value]) => `${value} AS ${name}`)}`);
    const types: readonly Column[] = [
      t.int32(),
      t.int64(),
      t.float32(),
      t.float64(),
      t.string(),
      t.boolean(),
      t.timestamp(),
      t.date(),
      t.bytes(),
      t.decimal(20, 4),
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(values), "absent"), fc.constantFrom(...types), async (name, column) => {
        await using definitions = definitionsOf([{ path, columns: { k: t.int32(), [name]: column } }]);
        const [found] = (await definitions.describeSources()).described;
        const { failed } = await definitions.validate();
        expect(found?.passed).toBe(failed.length === 0);
      }),
      { numRuns: 40 },
    );
  });
});
