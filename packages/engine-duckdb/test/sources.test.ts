import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Plan, Schema, SourceFormat } from "@mlforge/spec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowsOf } from "../../testkit/src/engine/arrow-rows.js";
import { nullable, table } from "../../testkit/src/engine/plans.js";
import { DuckDBEngine } from "../src/index.js";

const engine = new DuckDBEngine({ threads: 2 });
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-sources-"));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const parquet: SourceFormat = { kind: "parquet" };
const csv: SourceFormat = { kind: "csv" };
const ndjson: SourceFormat = { kind: "ndjson" };

async function text(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content);
  return name;
}

/** A Parquet file written by DuckDB itself, with its own types. */
async function parquetFile(name: string, select: string): Promise<string> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`COPY (${select}) TO '${join(folder, name)}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return name;
}

function scan(format: SourceFormat, files: string | readonly string[], columns?: Schema): Plan {
  const paths = [files].flat().map((name) => pathToFileURL(join(folder, name)).href);
  return { op: "scan", source: "flights", format, paths, columns };
}

const kindsOf = async (plan: Plan): Promise<string[]> => (await engine.describe(plan)).columns.map(({ name, kind }) => `${name} ${kind}`);

describe("a Parquet source", () => {
  const everyType = `SELECT 1::TINYINT AS tinyint, 2::USMALLINT AS usmallint, 3::INTEGER AS int, 4::UINTEGER AS uinteger, 5::BIGINT AS big,
    18446744073709551615::UBIGINT AS ubigint, 0.5::FLOAT AS float, 0.25::DOUBLE AS double, 1.5::DECIMAL(5,2) AS decimal, 'x' AS text, 'e'::ENUM('e') AS enum,
    '\\x01'::BLOB AS blob, true AS bool, DATE '1970-01-02' AS day, TIMESTAMP '1970-01-01 00:00:01' AS us, TIMESTAMP_S '1970-01-01 00:00:01' AS s,
    TIMESTAMP_MS '1970-01-01 00:00:01' AS ms, TIMESTAMP_NS '1970-01-01 00:00:01' AS ns, TIMESTAMPTZ '1970-01-01 02:00:01+02' AS tz,
    '12345678-1234-1234-1234-123456789abc'::UUID AS uuid, [1] AS list, {'a': 1} AS struct, TIME '10:00:00' AS time, MAP {'k': 1} AS map, '{"a": 1.10}'::JSON AS json, INTERVAL 1 DAY AS age`;

  it("without declared columns gives those whose type a kind holds, and names the others", async () => {
    const plan = scan(parquet, await parquetFile("types.parquet", everyType));
    const { columns, unsupported } = await engine.describe(plan);
    expect(
      columns.map(({ name, kind, precision, scale }) => [name, kind, precision, scale].filter((part) => part !== undefined).join(" ")),
    ).toEqual([
      "tinyint int32",
      "usmallint int32",
      "int int32",
      "uinteger int64",
      "big int64",
      "ubigint decimal 20 0",
      "float float32",
      "double float64",
      "decimal decimal 5 2",
      "text string",
      "enum string",
      "blob bytes",
      "bool boolean",
      "day date",
      "us timestamp",
      "s timestamp",
      "ms timestamp",
      "ns timestamp",
      "tz timestamp",
      "uuid string",
      "list list",
      "struct struct",
      "time time",
      "map list",
      "json json",
    ]);
    expect(columns.every((column) => column.nullable)).toBe(true);
    expect(unsupported).toEqual([{ name: "age", type: "INTERVAL" }]);
    const second = 1_000_000n;
    expect(await rowsOf(engine, plan)).toEqual([
      [
        1,
        2,
        3,
        4n,
        5n,
        2n ** 64n - 1n,
        0.5,
        0.25,
        150n,
        "x",
        "e",
        "01",
        true,
        1,
        second,
        second,
        second,
        second,
        second,
        "12345678-1234-1234-1234-123456789abc",
        "[1]",
        '{"a":1}',
        36_000n * second,
        '[{"key":"k","value":1}]',
        '{"a": 1.10}',
      ],
    ]);
  });

  it("gives the declared columns in the declared order, widened", async () => {
    const file = await parquetFile("types.parquet", everyType);
    const columns = [
      nullable("float", "float64"),
      nullable("tinyint", "int64"),
      nullable("int", "decimal", { precision: 12, scale: 2 }),
      nullable("decimal", "decimal", { precision: 38, scale: 3 }),
      nullable("day", "timestamp"),
      { name: "usmallint", kind: "float64", nullable: false } as const,
    ];
    const plan = scan(parquet, file, columns);
    expect((await engine.describe(plan)).columns).toEqual(columns);
    expect(await rowsOf(engine, plan)).toEqual([[0.5, 1n, 300n, 1500n, 86_400_000_000n, 2]]);
  });

  it("with other columns than declared is a mismatch that lists them all", async () => {
    const file = await parquetFile("types.parquet", everyType);
    const columns = [
      nullable("text", "int64"),
      nullable("bigg", "int64"),
      nullable("big", "int32"),
      nullable("bool", "float64"),
      nullable("TEXT", "string"),
      nullable("us", "date"),
    ];
    const wrong = scan(parquet, file, columns);
    const expected = {
      code: "SCHEMA_MISMATCH",
      details: {
        where: 'source "flights"',
        problems: [
          expect.stringContaining('"text" is VARCHAR'),
          expect.stringContaining('did you mean "big"?'),
          expect.stringContaining("int32 does not hold"),
          expect.stringContaining("float64 does not hold"),
          expect.stringContaining('no column "TEXT"'),
          expect.stringContaining("date does not hold"),
        ],
      },
    };
    await expect(engine.describe(wrong)).rejects.toMatchObject(expected);
    await expect(rowsOf(engine, wrong)).rejects.toMatchObject(expected);
  });

  it("of several files is one relation, in the order of the files", async () => {
    const files = [
      await parquetFile("one.parquet", "SELECT 1::INTEGER AS a, 'x' AS b"),
      await parquetFile("two.parquet", "SELECT 'y' AS b, 9007199254740993 AS a"),
    ];
    const plan = scan(parquet, files);
    expect(await kindsOf(plan)).toEqual(["a int64", "b string"]);
    expect(await rowsOf(engine, plan)).toEqual([
      [1n, "x"],
      [9_007_199_254_740_993n, "y"],
    ]);
    expect(await rowsOf(engine, scan(parquet, files, [nullable("a", "int64")]))).toEqual([[1n], [9_007_199_254_740_993n]]);
  });

  it("of files whose types do not go together is a mismatch that names both files", async () => {
    const files = [
      await parquetFile("one.parquet", "SELECT 1::INTEGER AS a, 'x' AS b"),
      await parquetFile("text.parquet", "SELECT 'y' AS a"),
    ];
    const problems = [expect.stringMatching(/^column "a" is INTEGER in .*one\.parquet, and VARCHAR in .*text\.parquet$/)];
    await expect(engine.describe(scan(parquet, files))).rejects.toMatchObject({ code: "SCHEMA_MISMATCH", details: { problems } });
  });

  it("is the file of exactly this path, whatever is in its name", async () => {
    await mkdir(join(folder, "year=2020"), { recursive: true });
    await parquetFile("a1.parquet", "SELECT 'other' AS v");
    for (const name of ["a[1].parquet", "a*.parquet", "a?.parquet", 'year=2020/it\'s "é" %41 #.parquet']) {
      await parquetFile(name.replaceAll("'", "''"), `SELECT 'mine' AS v`);
      const plan = scan(parquet, name);
      expect([name, await kindsOf(plan), await rowsOf(engine, plan)]).toEqual([name, ["v string"], [["mine"]]]);
    }
  });

  it.each([
    ["is cut off", (bytes: Buffer) => bytes.subarray(0, bytes.length - 20)],
    ["is something else", () => Buffer.from("date,delay\n1,2\n")],
    ["is empty", () => Buffer.alloc(0)],
  ])("that %s is unreadable, by its name and path", async (_, damage) => {
    const whole = await readFile(join(folder, await parquetFile("whole.parquet", "SELECT range AS a FROM range(1000)")));
    const path = join(folder, await text("damaged.parquet", damage(whole)));
    await expect(engine.describe(scan(parquet, "damaged.parquet"))).rejects.toMatchObject({
      code: "SOURCE_UNREADABLE",
      details: { source: "flights", path },
    });
  });

  it("whose pages are damaged is unreadable", async () => {
    const whole = await readFile(join(folder, await parquetFile("pages.parquet", "SELECT hash(range) AS a FROM range(10000)")));
    const path = join(folder, await text("damaged-pages.parquet", whole.fill(0xff, 4, 200)));
    await expect(rowsOf(engine, scan(parquet, "damaged-pages.parquet"))).rejects.toMatchObject({
      code: "SOURCE_UNREADABLE",
      details: { source: "flights", path },
    });
  });

  it("that does not exist is unreadable", async () => {
    await expect(engine.describe(scan(parquet, "absent.parquet"))).rejects.toMatchObject({
      code: "SOURCE_UNREADABLE",
      details: { source: "flights" },
    });
  });

  it("elsewhere than in a file is a capability that is missing", async () => {
    const plan: Plan = { op: "scan", source: "flights", format: parquet, paths: ["s3://bucket/a.parquet"] };
    await expect(engine.describe(plan)).rejects.toMatchObject({ code: "CAPABILITY_MISSING", details: { capability: "s3: URLs" } });
  });
});

describe("a CSV source", () => {
  it("without declared columns finds numbers, booleans and ISO times, and leaves everything else text", async () => {
    const file = await text(
      "found.csv",
      "n,x,b,day,at,local,mixed,none\n1,0.5,true,2020-01-31,2020-01-31T01:02:03.5Z,01/02/2020,1,\n,-1e+3,false,,2020-01-31 01:02:03+01:00,31/01/2020,x,\n",
    );
    const plan = scan(csv, file);
    expect(await kindsOf(plan)).toEqual([
      "n int64",
      "x float64",
      "b boolean",
      "day date",
      "at timestamp",
      "local string",
      "mixed string",
      "none string",
    ]);
    const at = BigInt(Date.parse("2020-01-31T01:02:03.500Z")) * 1000n;
    expect(await rowsOf(engine, plan)).toEqual([
      [1n, 0.5, true, 18_292, at, "01/02/2020", "1", null],
      [null, -1000, false, null, at - 3_600_500_000n, "31/01/2020", "x", null],
    ]);
  });

  it("gives the declared columns by name, in every kind", async () => {
    const columns = [
      nullable("d", "decimal", { precision: 20, scale: 2 }),
      nullable("s", "string"),
      nullable("i", "int32"),
      nullable("f", "float32"),
      nullable("raw", "bytes"),
      nullable("day", "date"),
    ];
    const file = await text(
      "declared.csv",
      'i,s,f,raw,day,d,unused\n1,"a ""b"", c",0.1,AAE=,1969-12-31,123456789012345678.25,zzz\n,"",,,,,\n',
    );
    expect(await rowsOf(engine, scan(csv, file, columns))).toEqual([
      [12_345_678_901_234_567_825n, 'a "b", c', 1, Math.fround(0.1), "0001", -1],
      [null, "", null, null, null, null],
    ]);
  });

  it("takes the empty field and nullText as null, and a quoted one as text", async () => {
    const file = await text("nulls.csv", 'a,b\nNA,""\n"NA",\n');
    const columns = [nullable("a", "string"), nullable("b", "string")];
    expect(await rowsOf(engine, scan({ ...csv, nullText: "NA" }, file, columns))).toEqual([
      [null, ""],
      ["NA", null],
    ]);
  });

  it("reads other delimiters and quotes", async () => {
    const file = await text("other.csv", "a;b\n'1;2';3\n");
    expect(await rowsOf(engine, scan({ ...csv, delimiter: ";", quote: "'" }, file))).toEqual([["1;2", 3n]]);
  });

  it("without a header takes the declared columns by position", async () => {
    const file = await text("headless.csv", "2020-01-01,5\n2020-01-02,6\n");
    const headless = { ...csv, header: false };
    expect(await kindsOf(scan(headless, file))).toEqual(["column0 date", "column1 int64"]);
    expect(await rowsOf(engine, scan(headless, file, [nullable("day", "date"), nullable("n", "int32")]))).toEqual([
      [18_262, 5],
      [18_263, 6],
    ]);
    await expect(engine.describe(scan(headless, file, [nullable("day", "date")]))).rejects.toMatchObject({ code: "SCHEMA_MISMATCH" });
  });

  it("with only a header has no rows", async () => {
    const columns = [nullable("a", "int64"), nullable("b", "timestamp")];
    expect(await rowsOf(engine, scan(csv, await text("header.csv", "a,b\n"), columns))).toEqual([]);
  });

  it("without a declared column is a mismatch", async () => {
    const file = await text("lacks.csv", "origin,delay\nSEA,1\n");
    await expect(engine.describe(scan(csv, file, [nullable("orign", "string"), nullable("delay", "int64")]))).rejects.toMatchObject({
      code: "SCHEMA_MISMATCH",
      details: { problems: [expect.stringContaining('did you mean "origin"?')] },
    });
  });

  it("with a text that is not of the declared kind is a mismatch that shows it", async () => {
    const file = await text("wrong.csv", "at,delay\n2020-01-01,1\nyesterday,2\n2020-01-02,12x\n");
    const plan = scan(csv, file, [nullable("at", "date"), nullable("delay", "int32")]);
    const problems = [
      expect.stringMatching(/wrong\.csv:3 column "at" is not a date\n {2}found: {4}"yesterday"\n {2}expected: a date such as/),
      expect.stringMatching(/wrong\.csv:4 column "delay" is not an int32\n {2}found: {4}"12x"\n/),
    ];
    await expect(rowsOf(engine, plan)).rejects.toMatchObject({ code: "SCHEMA_MISMATCH", details: { where: 'source "flights"', problems } });
  });

  it("that is no CSV is unreadable", async () => {
    const path = join(folder, await text("ragged.csv", 'a,b\n1,2\n"3,4\n5,6,7,8\n'));
    const plan = scan(csv, "ragged.csv", [nullable("a", "int32"), nullable("b", "int32")]);
    await expect(rowsOf(engine, plan)).rejects.toMatchObject({ code: "SOURCE_UNREADABLE", details: { source: "flights", path } });
  });

  it("of several files is one relation by name", async () => {
    const files = [await text("c1.csv", "a,b\n1,x\n"), await text("c2.csv", "b,a\ny,2.5\n")];
    expect(await kindsOf(scan(csv, files))).toEqual(["a float64", "b string"]);
    expect(await rowsOf(engine, scan(csv, files))).toEqual([
      [1, "x"],
      [2.5, "y"],
    ]);
  });
});

describe("an NDJSON source", () => {
  it("without declared columns finds numbers, booleans, ISO times and text, and names what is nested", async () => {
    const lines = [
      { n: 1, x: 0.5, b: true, day: "2020-01-31", at: "2020-01-31T01:02:03Z", s: "a", nested: { a: [1, null], b: "x" } },
      { n: null, x: 2, b: false, day: null, at: null, s: "" },
    ];
    const file = await text("found.ndjson", lines.map((line) => JSON.stringify(line)).join("\n"));
    const { columns, unsupported } = await engine.describe(scan(ndjson, file));
    expect(columns.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "n int64",
      "x float64",
      "b boolean",
      "day date",
      "at timestamp",
      "s string",
      "nested json",
    ]);
    expect(unsupported).toEqual([]);
    expect(await rowsOf(engine, scan(ndjson, file))).toEqual([
      [1n, 0.5, true, 18_292, BigInt(Date.parse("2020-01-31T01:02:03Z")) * 1000n, "a", '{"a":[1,null],"b":"x"}'],
      [null, 2, false, null, null, "", null],
    ]);
  });

  it("gives the declared columns, with integers beyond 2^53 exact", async () => {
    const file = await text("declared.ndjson", '{"d":"1.25","i":9007199254740993}\n{"i":-1,"d":2}\n');
    const columns = [nullable("i", "int64"), nullable("d", "decimal", { precision: 10, scale: 2 })];
    expect(await rowsOf(engine, scan(ndjson, file, columns))).toEqual([
      [9_007_199_254_740_993n, 125n],
      [-1n, 200n],
    ]);
  });

  it("finds a declared key that comes late, and refuses one that never comes", async () => {
    const file = await text("late.ndjson", `${'{"a":1}\n'.repeat(30_000)}{"a":2,"late":"x"}\n`);
    const plan = scan(ndjson, file, [nullable("late", "string")]);
    const rows = await rowsOf(engine, { op: "distinct", input: plan });
    expect(new Set(rows.map(([value]) => value))).toEqual(new Set(["x", null]));
    await expect(engine.describe(scan(ndjson, file, [nullable("never", "string")]))).rejects.toMatchObject({ code: "SCHEMA_MISMATCH" });
  });

  it("that is cut off is unreadable", async () => {
    const path = join(folder, await text("cut.ndjson", '{"a":1}\n{"a":\n'));
    await expect(rowsOf(engine, scan(ndjson, "cut.ndjson", [nullable("a", "int64")]))).rejects.toMatchObject({
      code: "SOURCE_UNREADABLE",
      details: { path },
    });
  });

  it("with a text that is not of the declared kind is a mismatch that shows it", async () => {
    const plan = scan(ndjson, await text("wrong.ndjson", '{"a":1}\n{"a":"one"}\n'), [nullable("a", "int64")]);
    await expect(rowsOf(engine, plan)).rejects.toMatchObject({
      code: "SCHEMA_MISMATCH",
      details: { problems: [expect.stringContaining('"one"')] },
    });
  });
});

describe("a failing query", () => {
  it("over a sound source is the query's fault, in DuckDB's own words", async () => {
    const failing: Plan = {
      op: "project",
      input: table([nullable("s", "string")], [["x"]]),
      columns: [{ name: "n", value: { expr: "cast", value: { expr: "column", name: "s" }, to: { kind: "int64" } } }],
    };
    await expect(rowsOf(engine, failing)).rejects.toMatchObject({ code: "TRANSFORM_FAILED", message: expect.stringContaining('"x"') });
  });
});
