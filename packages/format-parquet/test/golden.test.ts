import { readFileSync } from "node:fs";
import { ParquetFormat } from "@mlforge/format-parquet";
import { typeText } from "@mlforge/spec";
import { arrowTypeOf, collect, MemoryFile, type PlainValue, plainColumn } from "@mlforge/testkit/format";
import { describe, expect, it } from "vitest";

interface Golden {
  readonly kinds: Readonly<Record<string, string>>;
  readonly rows: Readonly<Record<string, readonly PlainValue[]>>;
}

const folder = new URL("./fixtures/", import.meta.url);
const format = new ParquetFormat();

function open(name: string): MemoryFile {
  return new MemoryFile(readFileSync(new URL(`${name}.parquet`, folder)), "data.parquet");
}

describe.each(["duckdb-zstd", "pyarrow-zstd", "pyarrow-snappy-v2", "pyarrow-no-arrow-schema"])("%s", (name) => {
  const golden: Golden = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
  const names = Object.keys(golden.kinds);

  it("has the kinds that its writer wrote", async () => {
    const { columns } = await format.describe(open(name));
    expect(Object.fromEntries(columns.map((column) => [column.name, column.kind]))).toEqual(golden.kinds);
  });

  it("gives the rows that its writer wrote, in the Arrow type of each kind", async () => {
    const batches = await collect(format.decode(open(name)));
    expect(Object.fromEntries(names.map((column) => [column, plainColumn(batches, column)]))).toEqual(golden.rows);
    const { columns } = await format.describe(open(name));
    const types = columns.map((column) => `${column.name}: ${arrowTypeOf(column)}`);
    expect(batches[0]?.schema.fields.map((field) => `${field.name}: ${field.type}`)).toEqual(types);
  });

  it.each(names)("gives the column %s alone", async (column) => {
    const batches = await collect(format.decode(open(name), { columns: [column], batchRows: 2 }));
    expect(batches.map((batch) => batch.schema.fields.map((field) => field.name))).toEqual([[column], [column]]);
    expect(plainColumn(batches, column)).toEqual(golden.rows[column]);
  });
});

describe("a file with lists, structs and times", () => {
  it("is described with them", async () => {
    const { columns } = await format.describe(open("pyarrow-nested"));
    expect(columns.map((column) => [column.name, typeText(column)])).toEqual([
      ["id", "int64"],
      ["list", "list(int64)"],
      ["struct", "struct(a: int64)"],
      ["time", "time"],
      ["id.x", "int64"],
    ]);
  });

  it("gives its other columns when they are asked for", async () => {
    const batches = await collect(format.decode(open("pyarrow-nested"), { columns: ["id.x", "id"] }));
    expect(batches.map((batch) => batch.schema.fields.map((field) => field.name))).toEqual([["id.x", "id"]]);
    expect(plainColumn(batches, "id")).toEqual(["1", "2"]);
    expect(plainColumn(batches, "id.x")).toEqual(["3", "4"]);
  });

  it("gives them", async () => {
    const batches = await collect(format.decode(open("pyarrow-nested"), { columns: ["list", "struct", "time"] }));
    const rows = batches.flatMap((batch) =>
      batch.toArray().map((row) => JSON.stringify(row, (_, value) => (typeof value === "bigint" ? `${value}n` : value))),
    );
    expect(rows).toEqual(['{"list":["1n"],"struct":{"a":"1n"},"time":"1n"}', '{"list":["2n","3n"],"struct":{"a":"2n"},"time":"2n"}']);
  });
});

describe("a file with timestamps finer than a microsecond", () => {
  it.each([
    ["naive", "-1"],
    ["zoned", "1999"],
  ])("is refused with the column and the value: %s", async (column, value) => {
    const problem = `column "${column}" holds ${value} nanoseconds since 1970, and timestamps are whole microseconds`;
    await expect(collect(format.decode(open("pyarrow-nanoseconds"), { columns: [column] }))).rejects.toMatchObject({
      code: "SCHEMA_MISMATCH",
      details: { where: '"data.parquet"', problems: [problem] },
    });
  });
});
