import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Plan, Scan, Schema, SourceFormat } from "@mlforge/spec";
import { compile } from "@mlforge/sql";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../testkit/src/engine/arrow-rows.js";
import { column, literal, nullable } from "../../testkit/src/engine/plans.js";
import { duckdb } from "../src/dialect/duckdb.js";
import { DuckDBEngine } from "../src/index.js";

const engine = new DuckDBEngine({ threads: 2 });
let folder = "";
let connection: DuckDBConnection;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-partitions-"));
  connection = await (await DuckDBInstance.create()).connect();
});
afterAll(async () => {
  connection.closeSync();
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const parquet: SourceFormat = { kind: "parquet" };
const formats: readonly (readonly [SourceFormat, string])[] = [
  [parquet, "parquet"],
  [{ kind: "csv" }, "csv"],
  [{ kind: "ndjson" }, "json"],
];

/** Writes `select` as DuckDB itself partitions it, and gives the paths of its files. It partitions no JSON: that is made of CSV with one column of numbers. */
async function written(name: string, select: string, by: string, format = "parquet"): Promise<readonly string[]> {
  await connection.run(`COPY (${select}) TO '${join(folder, name)}' (FORMAT ${format === "json" ? "csv" : format}, PARTITION_BY (${by}))`);
  const files = await filesIn(name);
  if (format !== "json") return files;
  for (const file of files) {
    const [header, ...numbers] = (await readFile(file, "utf8")).trim().split("\n");
    await writeFile(file, numbers.map((number) => `{"${header}":${number}}\n`).join(""));
  }
  return files;
}

async function filesIn(name: string): Promise<readonly string[]> {
  const entries = await readdir(join(folder, name), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function text(path: string, content: string): Promise<string> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
  return join(folder, path);
}

function scan(paths: readonly string[], partitions: Schema, columns?: Schema, format = parquet): Scan {
  return { op: "scan", source: "events", format, paths: paths.map((path) => pathToFileURL(path).href), columns, partitions };
}

async function sorted(plan: Plan, by: string): Promise<unknown[]> {
  return rowsOf(engine, { op: "sort", input: plan, by: [by] });
}

const id = nullable("id", "int64");
const values = `SELECT * FROM (VALUES
  (1::BIGINT, DATE '2024-01-01', 'a/b=c%', true, 7::BIGINT, 1.5::DOUBLE, TIMESTAMP '2024-01-01 10:00:00.25'),
  (2, DATE '2024-01-02', 'ü "x'' +#?*[]{}', false, -7, 'inf'::DOUBLE, TIMESTAMP '1969-12-31 23:59:59'),
  (3, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, DATE '2024-01-02', '', true, 0, -0.5::DOUBLE, TIMESTAMP '2024-01-01 00:00:00')) v(id, dt, region, ok, n, f, timestamp)`;
const partitions: Schema = [
  nullable("dt", "date"),
  nullable("region", "string"),
  nullable("ok", "boolean"),
  nullable("n", "int64"),
  nullable("f", "float64"),
  nullable("timestamp", "timestamp"),
];

describe("partition columns", () => {
  it.each(formats)("of %j are what DuckDB partitioned by, with declared columns and without", async (format, name) => {
    const plain = `plain-${name}.parquet`;
    await connection.run(`COPY (${values}) TO '${join(folder, plain)}'`);
    const expected = await sorted({ op: "scan", source: "plain", format: parquet, paths: [pathToFileURL(join(folder, plain)).href] }, "id");
    expect(expected).toHaveLength(4);
    const paths = await written(`every-${name}`, values, "dt, region, ok, n, f, timestamp", name);
    expect(paths).toHaveLength(4);
    expect(await sorted(scan(paths, partitions, [id, ...partitions], format), "id")).toEqual(expected);
    expect(await sorted(scan(paths, partitions, undefined, format), "id")).toEqual(expected);
    const described = await engine.describe(scan(paths, partitions, undefined, format));
    expect(described.columns.map(({ name: found, kind }) => `${found} ${kind}`)).toEqual([
      "id int64",
      ...partitions.map(({ name: found, kind }) => `${found} ${kind}`),
    ]);
  });

  it.each(formats)("of %j can be all that is read", async (format, name) => {
    const paths = await written(`alone-${name}`, "SELECT i AS id, i % 2 AS half FROM range(5) r(i)", "half", name);
    const half = [nullable("half", "int32")];
    const counted: Plan = {
      op: "aggregate",
      input: scan(paths, half, half, format),
      keys: ["half"],
      aggregates: [{ name: "rows", value: { function: "count" } }],
    };
    expect(await sorted(counted, "half")).toEqual([
      [0, 3n],
      [1, 2n],
    ]);
  });

  it("tell the text null from no text, in any case", async () => {
    const select = "SELECT * FROM (VALUES (1, 'NULL'), (2, 'null'), (3, NULL), (4, 'x')) v(id, region)";
    const paths = await written("nulls", select, "region");
    const region = [nullable("region", "string")];
    const rows = await sorted(scan(paths, region, [nullable("id", "int32"), ...region]), "id");
    expect(rows).toEqual(["NULL", "null", null, "x"].map((value, index) => [index + 1, value]));
  });

  it("win over a column of the same name in a file, whatever its kind and case", async () => {
    for (const [folderName, select] of [
      ["same", "SELECT 1 AS id, 'file' AS dt"],
      ["case", "SELECT 1 AS id, 'file' AS DT"],
    ]) {
      await mkdir(join(folder, `${folderName}/dt=5`), { recursive: true });
      await connection.run(`COPY (${select}) TO '${join(folder, `${folderName}/dt=5/a.parquet`)}'`);
      const paths = await filesIn(folderName ?? "");
      const dt = [nullable("dt", "int32")];
      expect(await rowsOf(engine, scan(paths, dt))).toEqual([[1, 5]]);
      expect(await rowsOf(engine, scan(paths, dt, [nullable("id", "int32"), ...dt]))).toEqual([[1, 5]]);
    }
    const csv = await text("csv/dt=5/a.csv", "id,dt\n1,file\n");
    expect(await rowsOf(engine, scan([csv], [nullable("dt", "int32")], undefined, { kind: "csv" }))).toEqual([[1n, 5]]);
    const json = await text("json/dt=5/a.ndjson", '{"id":1,"dt":"file"}\n');
    expect(await rowsOf(engine, scan([json], [nullable("dt", "int32")], undefined, { kind: "ndjson" }))).toEqual([[1n, 5]]);
  });

  it("are the only folders that mean something", async () => {
    const dt = [nullable("dt", "int32")];
    const columns = [nullable("id", "int64"), nullable("x", "string"), ...dt];
    const csv: SourceFormat = { kind: "csv" };
    const file = "id,x\n1,file\n";
    // In all files, in some, and with the name of a column that is in the files or is not.
    for (const paths of [
      ["all/x=folder/dt=5/a.csv", "all/x=folder/dt=5/b.csv"],
      ["some/x=folder/dt=5/a.csv", "some/dt=5/b.csv"],
      ["other/y=folder/dt=5/a.csv", "other/y=z/dt=5/b.csv"],
      ["mixed/y=folder/dt=5/a.csv", "mixed/dt=5/b.csv"],
      ["cased/X=folder/dt=5/a.csv", "cased/X=z/dt=5/b.csv"],
      ["twice/y=1/y=2/dt=5/a.csv", "twice/y=2/dt=5/b.csv"],
      ["alike/DT=1/dt=5/a.csv", "alike/DT=2/dt=5/b.csv"],
    ]) {
      const found = [];
      for (const path of paths) found.push(await text(path, file));
      const row = [1n, "file", 5];
      expect(await rowsOf(engine, scan(found, dt, columns, csv))).toEqual([row, row]);
      expect(await rowsOf(engine, scan(found, dt, undefined, csv))).toEqual([row, row]);
    }
  });

  it("stand beside the columns of CSV without a header", async () => {
    const csv: SourceFormat = { kind: "csv", header: false };
    const paths = [await text("headless/dt=1/a.csv", "1,x\n"), await text("headless/dt=2/a.csv", "2,y\n")];
    const dt = [nullable("dt", "int32")];
    expect(await sorted(scan(paths, dt, [id, nullable("name", "string"), ...dt], csv), "id")).toEqual([
      [1n, "x", 1],
      [2n, "y", 2],
    ]);
  });

  it("have names that are percent-encoded", async () => {
    const paths = await written("names", `SELECT 1 AS id, 'v' AS "a b/ü="`, `"a b/ü="`);
    expect(paths[0]).toContain("a%20b%2F%C3%BC%3D=v");
    expect(await rowsOf(engine, scan(paths, [nullable("a b/ü=", "string")]))).toEqual([[1, "v"]]);
  });

  it.each(["a=b", "a?b", "*", "[a]", "line\nbreak", "50%", "null"])("may be written by hand as %j", async (value) => {
    const name = `hand-${encodeURIComponent(value).replaceAll("*", "%2A")}`;
    const paths = [await text(`${name}/region=${value}/a.csv`, "id\n1\n"), await text(`${name}/region=x/a.csv`, "id\n2\n")];
    const region = [nullable("region", "string")];
    for (const columns of [[id, ...region], undefined]) {
      expect(await sorted(scan(paths, region, columns, { kind: "csv" }), "id")).toEqual([
        [1n, value],
        [2n, "x"],
      ]);
      expect(await rowsOf(engine, scan(paths.slice(0, 1), region, columns, { kind: "csv" }))).toEqual([[1n, value]]);
    }
  });

  it("have the value of the innermost folder where one above has their name too, as that of a cache may", async () => {
    for (const value of ["x", "null"]) {
      const path = await text(`region=outer/deep/region=${value}/a.csv`, "id\n1\n");
      expect(await rowsOf(engine, scan([path], [nullable("region", "string")], undefined, { kind: "csv" }))).toEqual([[1n, value]]);
    }
  });

  it("must have a folder", async () => {
    const path = await text("missing/a.csv", "id\n1\n");
    await expect(engine.describe(scan([path], [nullable("dt", "date")], undefined, { kind: "csv" }))).rejects.toMatchObject({
      code: "SOURCE_UNREADABLE",
      message: expect.stringMatching(/a\.csv is in no folder dt=/),
      details: { source: "events", path },
    });
  });

  it("keep what is wrong in a file apart from what is in its folders", async () => {
    const path = await text("wrong/dt=5/a.csv", "id\n1\nx\n");
    const plan = scan([path], [nullable("dt", "int32")], [id, nullable("dt", "int32")], { kind: "csv" });
    await expect(rowsOf(engine, plan)).rejects.toMatchObject({
      code: "SCHEMA_MISMATCH",
      message: expect.stringMatching(/:\d+ column "id" is not an int64\n {2}found: {4}"x"\n/),
    });
  });

  it("keep files closed that a filter rules out, also beside folders that mean nothing", async () => {
    const paths = [];
    for (const path of await written(
      "pruned",
      "SELECT i AS id, DATE '2024-01-01' + (i % 4)::INT AS dt, 1 AS y FROM range(40) r(i)",
      "dt, y",
    ))
      paths.push(path);
    const dt = [nullable("dt", "date")];
    const late: Plan = {
      op: "filter",
      input: { ...scan(paths, dt, [id, ...dt]), paths },
      condition: { expr: "call", function: "greaterOrEqual", arguments: [column("dt"), literal("date", "2024-01-04")] },
    };
    const explained = await connection.runAndReadAll(`EXPLAIN ANALYZE ${compile(late, duckdb)}`);
    expect(String(explained.getRowsJson()[0]?.[1])).toMatch(/Scanning Files: 1\/4/);
    expect(await rowsOf(engine, { ...late, input: scan(paths, dt, [id, ...dt]) })).toHaveLength(10);
  });

  it("hold any text that DuckDB writes there", async () => {
    let run = 0;
    // File systems take names of 255 bytes.
    const anyText = fc
      .oneof(
        fc.string({ unit: "grapheme", maxLength: 12 }),
        fc.string({ unit: "binary", maxLength: 6 }),
        fc.constantFrom("null", "..", "a=b", "%41"),
      )
      .filter((value) => encodeURIComponent(value).length <= 200);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(anyText, { minLength: 1, maxLength: 4 }), async (texts) => {
        const tuples = texts.map((value, index) => `(${index}, ${duckdb.literal(value, { kind: "string" })})`);
        const paths = await written(`random-${run++}`, `SELECT * FROM (VALUES ${tuples.join(", ")}) v(id, region)`, "region");
        const region = [nullable("region", "string")];
        const rows = await sorted(scan(paths, region, [nullable("id", "int32"), ...region]), "id");
        expect(rows).toEqual(texts.map((value, index) => [index, value]));
      }),
      { numRuns: 60 },
    );
  });
});
