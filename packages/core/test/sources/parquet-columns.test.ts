import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { columnKinds, type Schema } from "@mlforge/spec";
import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parquetColumns } from "../../src/index.js";

let folder: string;
let engine: DuckDBEngine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-columns-"));
  engine = new DuckDBEngine();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** What the engine says of a file: it is the oracle, and reads the file itself. */
async function described(path: string): Promise<Schema> {
  return (await engine.describe({ op: "scan", source: "file", format: { kind: "parquet" }, paths: [pathToFileURL(path).href] })).columns;
}

/** A file that DuckDB writes. */
async function written(name: string, select: string): Promise<string> {
  const path = join(folder, name);
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return path;
}

/** A file without rows whose footer says what no writer at hand would write. */
async function footerOf(name: string, columns: readonly SchemaElement[]): Promise<string> {
  const path = join(folder, name);
  const writer = new ByteWriter();
  const roots = countRoots(columns);
  const parquet = new ParquetWriter({ writer, schema: [{ name: "root", num_children: roots }, ...columns] });
  await parquet.finish();
  await writeFile(path, writer.getBytes());
  return path;
}

function countRoots(columns: readonly SchemaElement[]): number {
  const children = columns.reduce((sum, { num_children = 0 }) => sum + num_children, 0);
  return columns.length - children;
}

describe("parquetColumns", () => {
  const types = [
    ...["VARCHAR", "UUID", "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"],
    ...["HUGEINT", "FLOAT", "DOUBLE", "DECIMAL(4, 1)", "DECIMAL(9, 9)", "DECIMAL(18, 0)", "DECIMAL(38, 10)", "DATE", "BLOB"],
    ...["TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE", "ENUM('a', 'b')"],
    ...["TIME", "INTERVAL", "JSON", "INTEGER[]", "STRUCT(a INTEGER, b VARCHAR[])", "MAP(VARCHAR, DOUBLE)", "STRUCT(x STRUCT(y DATE))[]"],
  ];

  it("gives what the engine describes, for every type that DuckDB writes", async () => {
    const select = `SELECT ${types.map((type, index) => `CAST(NULL AS ${type}) AS "c${index} ${type}"`).join(", ")}`;
    const path = await written("types.parquet", select.replaceAll(/"c(\d+) [^"]*"/g, '"c$1"'));
    const { columns, omitted } = await parquetColumns(path);
    expect(columns).toEqual(await described(path));
    // A list does not say that it always has the same length.
    expect(new Set(columns.map(({ kind }) => kind))).toEqual(new Set(columnKinds.filter((kind) => kind !== "vector")));
    expect(columns.length + omitted.length).toBe(types.length);
    const nested = types.flatMap((type, index) => (type === "INTERVAL" ? [`c${index}`] : []));
    expect(omitted.map(({ name }) => name)).toEqual(nested);
  });

  it.each<[string, Omit<SchemaElement, "name">]>([
    ["an int96", { type: "INT96" }],
    ["a text by its logical type alone", { type: "BYTE_ARRAY", logical_type: { type: "STRING" } }],
    ["bytes of a fixed length", { type: "FIXED_LEN_BYTE_ARRAY", type_length: 5 }],
    ["a half float", { type: "FIXED_LEN_BYTE_ARRAY", type_length: 2, logical_type: { type: "FLOAT16" } }],
    ["a uuid", { type: "FIXED_LEN_BYTE_ARRAY", type_length: 16, logical_type: { type: "UUID" } }],
    ["nanoseconds", { type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "NANOS" } }],
    ["nanoseconds without a zone", { type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC: false, unit: "NANOS" } }],
    ["milliseconds of an old writer", { type: "INT64", converted_type: "TIMESTAMP_MILLIS" }],
    ["a date by its logical type alone", { type: "INT32", logical_type: { type: "DATE" } }],
    ["a decimal by its logical type alone", { type: "INT32", logical_type: { type: "DECIMAL", precision: 5, scale: 2 } }],
    ["a decimal in an int32", { type: "INT32", converted_type: "DECIMAL", precision: 5, scale: 2 }],
    ["a decimal in bytes", { type: "BYTE_ARRAY", converted_type: "DECIMAL", precision: 20, scale: 3 }],
    ["a decimal of many digits", { type: "FIXED_LEN_BYTE_ARRAY", type_length: 20, converted_type: "DECIMAL", precision: 45, scale: 3 }],
    ["a time of day", { type: "INT32", converted_type: "TIME_MILLIS" }],
    ["a null", { type: "INT32", logical_type: { type: "NULL" } }],
    ["a column that may hold no null", { type: "INT64", repetition_type: "REQUIRED" }],
    ["a repeated column", { type: "INT64", repetition_type: "REPEATED" }],
  ])("gives what the engine describes for %s", async (name, element) => {
    const path = await footerOf(`${name}.parquet`, [
      { repetition_type: "OPTIONAL", ...element, name: "value" },
      { name: "after", type: "DOUBLE", repetition_type: "OPTIONAL" },
    ]);
    const { columns, omitted } = await parquetColumns(path);
    expect(columns).toEqual(await described(path));
    expect(columns.length + omitted.length).toBe(2);
  });

  it("leaves out columns whose names differ only in case, which engines refuse", async () => {
    const path = await footerOf("case.parquet", [
      { name: "Id", type: "INT64", repetition_type: "OPTIONAL" },
      { name: "id", type: "DOUBLE", repetition_type: "OPTIONAL" },
    ]);
    expect(await parquetColumns(path)).toEqual({
      columns: [],
      omitted: ["Id", "id"].map((name) => ({ name, type: "one of several columns of this name" })),
    });
  });

  it("refuses what is no Parquet, and says so of what is not there", async () => {
    const text = join(folder, "text.parquet");
    await writeFile(text, "no Parquet at all");
    await expect(parquetColumns(text)).rejects.toMatchObject({ code: "SOURCE_UNREADABLE", details: { path: text } });
    const empty = join(folder, "empty.parquet");
    await writeFile(empty, "");
    await expect(parquetColumns(empty)).rejects.toMatchObject({ code: "SOURCE_UNREADABLE" });
    await expect(parquetColumns(folder)).rejects.toMatchObject({ code: "SOURCE_UNREADABLE" });
    await expect(parquetColumns(join(folder, "absent.parquet"))).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
  });

  it("rejects with the reason of its signal", async () => {
    const reason = new Error("enough");
    await expect(parquetColumns(join(folder, "types.parquet"), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it("leaves out a column without a name, which no source can declare", async () => {
    const path = await footerOf("nameless.parquet", [
      { name: "", type: "INT64", repetition_type: "OPTIONAL" },
      { name: "k", type: "INT64", repetition_type: "OPTIONAL" },
    ]);
    const { columns, omitted } = await parquetColumns(path);
    expect([columns.map(({ name }) => name), omitted]).toEqual([["k"], [{ name: "", type: "a column without a name" }]]);
  });
});
