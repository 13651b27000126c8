import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { isMlforgeError, type MlforgeError, type NamedColumn, type Plan, type Scan, type Schema } from "@mlforge/spec";
import { LocalStore } from "@mlforge/store-local";
import { describeWith, runPython } from "@mlforge/test-servers";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";
import { rowsOf } from "../../src/read/rows.js";
import { failureOf } from "../train/failure-of.js";

/** Writes a file for each argument after the folder: Python that gives a table or a data frame, by the name of the file. */
const writeFiles = `
import sys, json, datetime as dt, decimal, pandas as pd, pyarrow as pa, pyarrow.parquet as pq
D = decimal.Decimal
def at(text, unit="us", zone=None): return pa.array([None if each is None else dt.datetime.fromisoformat(each) for each in text], pa.timestamp(unit, zone))
for name, program in json.loads(sys.argv[2]).items():
    made = eval(program)
    path = sys.argv[1] + "/" + name + ".parquet"
    if isinstance(made, pd.DataFrame): made.to_parquet(path)
    else: pq.write_table(made, path)
`;

describeWith("tables", "Parquet files of one source", () => {
  let root = "";
  let folder = "";
  let count = 0;
  const engine = new DuckDBEngine({ threads: 2 });
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "mlforge-united-"));
  });
  beforeEach(async () => {
    folder = join(root, String(count++));
    await mkdir(folder);
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await rm(root, { recursive: true });
  });

  /** The scan of files, which are written first. */
  function scanOf(files: Readonly<Record<string, string>>, columns?: Schema): Scan {
    runPython(writeFiles, [folder, JSON.stringify(files)]);
    const paths = Object.keys(files).map((name) => pathToFileURL(join(folder, `${name}.parquet`)).href);
    return { op: "scan", source: "s", format: { kind: "parquet" }, paths, ...(columns === undefined ? {} : { columns }) };
  }

  async function valuesOf(plan: Plan): Promise<unknown[][]> {
    const { columns } = await engine.describe(plan);
    const rows: unknown[][] = [];
    for await (const batch of engine.run(plan))
      for (const row of rowsOf(batch, columns, { int64: "bigint", timestamp: "microseconds" })) rows.push(Object.values(row));
    return rows;
  }

  async function kindsOf(plan: Plan): Promise<readonly string[]> {
    const { columns } = await engine.describe(plan);
    return columns.map(({ name, kind, precision, scale }) => `${name} ${kind}${kind === "decimal" ? `(${precision}, ${scale})` : ""}`);
  }

  const x = (kind: NamedColumn["kind"], nullable = true): NamedColumn => ({ name: "x", kind, nullable });
  const series = (values: string, type?: string): string => `pa.table({"x": pa.array(${values}${type === undefined ? "" : `, ${type}`})})`;

  const united: readonly (readonly [what: string, files: readonly string[], kind: string, values: readonly unknown[]])[] = [
    [
      "an int64 and then a double of pandas",
      ['pd.DataFrame({"x": [1, 2]})', 'pd.DataFrame({"x": [1.5, None]})'],
      "float64",
      [1, 2, 1.5, null],
    ],
    [
      "nothing but None and then text of pandas",
      ['pd.DataFrame({"x": [None, None]})', 'pd.DataFrame({"x": ["u", "v"]})'],
      "string",
      [null, null, "u", "v"],
    ],
    ["text and then nothing but None", ['pd.DataFrame({"x": ["u"]})', 'pd.DataFrame({"x": [None]})'], "string", ["u", null]],
    ["nothing but None in all files", ['pd.DataFrame({"x": [None]})', series("[None]", "pa.null()")], "string", [null, null]],
    [
      "nothing but None and then dates, times and none again",
      [
        series("[None]", "pa.null()"),
        series("[dt.date(2024, 1, 1)]"),
        `pa.table({"x": at(["2024-01-02"])})`,
        series("[None]", "pa.null()"),
      ],
      "timestamp",
      [null, 1_704_067_200_000_000n, 1_704_153_600_000_000n, null],
    ],
    ["integers of two widths", [series("[1]", "pa.int8()"), series("[2**62]")], "int64", [1n, 2n ** 62n]],
    ["integers without a sign", [series("[1]", "pa.uint64()"), series("[-2]", "pa.int64()")], "decimal(20, 0)", ["1", "-2"]],
    ["floats of two widths", [series("[1.5]", "pa.float32()"), series("[0.1]")], "float64", [1.5, 0.1]],
    ["half floats and small integers", [series("[1.5]", "pa.float16()"), series("[7]", "pa.int32()")], "float64", [1.5, 7]],
    ["decimals of two scales", [series('[D("1.5")]'), series('[D("12345.678")]')], "decimal(8, 3)", ["1.500", "12345.678"]],
    ["integers and decimals", [series("[9007199254740993]"), series('[D("0.25")]')], "decimal(21, 2)", ["9007199254740993.00", "0.25"]],
    [
      "timestamps of every unit and zone",
      [
        `pa.table({"x": at(["2024-01-01"], "s")})`,
        `pa.table({"x": at(["2024-01-01"], "ms", "UTC")})`,
        `pa.table({"x": at(["2024-01-01T00:00:00.000001"], "us", "America/New_York")})`,
        `pa.table({"x": at(["2024-01-01T00:00:00.000002"], "ns")})`,
      ],
      "timestamp",
      [1_704_067_200_000_000n, 1_704_067_200_000_000n, 1_704_067_200_000_001n, 1_704_067_200_000_002n],
    ],
    [
      "text of every layout",
      [
        series('["a"]'),
        series('["b"]', "pa.large_string()"),
        series('["c"]', "pa.string_view()"),
        'pa.table({"x": pa.array(["d"]).dictionary_encode()})',
      ],
      "string",
      ["a", "b", "c", "d"],
    ],
  ];

  it.each(united)("holds %s", async (_what, programs, kind, values) => {
    const scan = scanOf(Object.fromEntries(programs.map((program, index) => [`f${index}`, program])));
    expect(await kindsOf(scan)).toEqual([`x ${kind}`]);
    expect(await valuesOf(scan)).toEqual(values.map((value) => [value]));
    const { columns } = await engine.describe(scan);
    expect(await valuesOf({ ...scan, columns })).toEqual(values.map((value) => [value]));
  });

  it("has null before a column starts and after it ends", async () => {
    const scan = scanOf({ a: 'pa.table({"k": [1]})', b: 'pa.table({"x": ["u"], "k": [2]})', c: 'pa.table({"k": [3], "y": [True]})' });
    expect(await kindsOf(scan)).toEqual(["k int64", "x string", "y boolean"]);
    expect(await valuesOf(scan)).toEqual([
      [1n, null, null],
      [2n, "u", null],
      [3n, null, true],
    ]);
    expect(await valuesOf({ ...scan, columns: [x("string")] })).toEqual([[null], ["u"], [null]]);
  });

  it.each<[what: string, last: string, rows: unknown[][]]>([
    ["the order of its columns", 'pa.table({"x": ["w"], "k": [3]})', [[3n, "w"]]],
    ["the type of one column", 'pa.table({"k": pa.array([3], pa.int32()), "x": ["w"]})', [[3n, "w"]]],
    ["the number of its columns", 'pa.table({"k": [3]})', [[3n, null]]],
    ["one more column", 'pa.table({"k": [3], "x": ["w"], "y": [True]})', [[3n, "w"]]],
  ])("sees that one of many files differs in %s", async (_what, last, rows) => {
    const others = Object.fromEntries(["a", "b", "c"].map((name) => [name, 'pa.table({"k": [1], "x": ["u"]})']));
    const columns = [{ ...x("int64"), name: "k" }, x("string")];
    expect(await valuesOf(scanOf({ ...others, d: last }, columns))).toEqual([[1n, "u"], [1n, "u"], [1n, "u"], ...rows]);
  });

  it("keeps the order of files and of their rows, whatever the types are", async () => {
    const types = ["pa.int8()", "pa.int64()", "pa.float64()", "pa.null()", "pa.int64()"];
    const files = types.map((type, index) => {
      const values =
        type === "pa.null()"
          ? "[None] * 5000"
          : `range(${(index * 5000) % 100}, ${((index * 5000) % 100) + (type === "pa.int8()" ? 100 : 5000)})`;
      return [
        `f${index}`,
        `pa.table({"x": pa.array(${values}, ${type}), "n": range(${index * 10_000}, ${index * 10_000} + len(${values}))})`,
      ] as const;
    });
    const numbered: Plan = { op: "numberRows", input: scanOf(Object.fromEntries(files)), column: "row" };
    const rows = await valuesOf(numbered);
    expect(rows.length).toBe(20_100);
    expect(rows.map(([, , row]) => row)).toEqual(rows.map((_, index) => BigInt(index)));
    const places = rows.map(([, n]) => Number(n));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  function refusalOf(plan: Plan): Promise<MlforgeError> {
    return failureOf(valuesOf(plan), "SCHEMA_MISMATCH");
  }

  const path = (name: string): string => join(folder, `${name}.parquet`);

  it.each([
    ["text and integers", series('["u"]'), series("[1]"), "VARCHAR", "BIGINT"],
    ["bytes and text", series('[b"u"]'), series('["u"]'), "BLOB", "VARCHAR"],
    ["booleans and integers", series("[True]"), series("[1]"), "BOOLEAN", "BIGINT"],
    ["decimals and floats", series('[D("0.1")]'), series("[0.5]"), "DECIMAL(1,1)", "DOUBLE"],
    [
      "decimals of too many digits",
      series("[1]", "pa.decimal128(38, 0)"),
      series("[1]", "pa.decimal128(38, 20)"),
      "DECIMAL(38,0)",
      "DECIMAL(38,20)",
    ],
    ["a list and its element", series("[[1]]"), series("[1]"), "BIGINT[]", "BIGINT"],
  ])("does not hold %s, and names both files", async (_what, a, b, typeA, typeB) => {
    const { details } = await refusalOf(scanOf({ a, b }));
    expect(details).toEqual({
      where: 'source "s"',
      problems: [`column "x" is ${typeA} in ${path("a")}, and ${typeB} in ${path("b")}`],
    });
  });

  const floatsAsIntegers = "a whole number from -9007199254740992 to 9007199254740992, since the file holds floats; or declare float64";

  it.each([
    [
      "an integer beyond 2^53 as a float",
      "[1, 2**53 + 1]",
      "float64",
      "9007199254740993",
      2,
      "a whole number from -9007199254740992 to 9007199254740992, beyond which float64 rounds; or declare another kind",
    ],
    ["a fraction as an integer", "[1.0, None, 1.5]", "int64", "1.5", 3, floatsAsIntegers],
    ["a float beyond 2^53 as an integer", "[1e300]", "int64", "1e+300", 1, floatsAsIntegers],
    ["NaN as an integer", '[float("nan")]', "int64", "nan", 1, floatsAsIntegers],
    ["a float beyond int32", "[2147483648.0]", "int32", "2147483648.0", 1, "a whole number that int32 holds; or declare float64"],
    [
      "nanoseconds",
      '[1000, 1001], pa.timestamp("ns")',
      "timestamp",
      "1970-01-01 00:00:00.000001001",
      2,
      'whole microseconds; or declare t.timestamp({ unit: "ns" }), which cuts off the rest',
    ],
  ] as const)("refuses %s with the file, the column and the value", async (_what, values, kind, value, row, expected) => {
    const files = { whole: series("[None]", "pa.null()"), other: series(values) };
    const { details, message } = await refusalOf(scanOf(files, [x(kind)]));
    const place = `${path("other")} row ${row}: column "x" is not ${/^[ai]/.test(kind) ? "an" : "a"} ${kind}`;
    const problem = `${place}\n  found:    ${value}\n  expected: ${expected}`;
    expect(details).toEqual({ where: 'source "s"', problems: [problem] });
    expect(message).toBe(`source "s": ${problem}`);
  });

  it("refuses an undeclared integer that is rounded by the floats of another file", async () => {
    const { message } = await refusalOf(scanOf({ a: series("[1.5]"), b: series("[2**60]") }));
    expect(message).toContain(`${path("b")} row 1: column "x" is not a float64\n  found:    ${2n ** 60n}\n`);
  });

  it("reads whole floats as declared integers, as pandas makes them of integers beside None", async () => {
    const files = { a: 'pd.DataFrame({"x": [1, 2]})', b: 'pd.DataFrame({"x": [3, None]})' };
    expect(await valuesOf(scanOf(files, [x("int64")]))).toEqual([[1n], [2n], [3n], [null]]);
  });

  it("cuts nanoseconds where the declaration says so", async () => {
    const scan = scanOf({ a: `pa.table({"x": pa.array([1999, -1, None], pa.timestamp("ns"))})` }, [x("timestamp")]);
    expect(await valuesOf({ ...scan, encodings: { x: { kind: "epoch", unit: "ns" } } })).toEqual([[1n], [-1n], [null]]);
  });

  it("lacks a column that is declared without nulls", async () => {
    const { details } = await refusalOf(scanOf({ a: series("[1]"), b: 'pa.table({"other": [1]})' }, [x("int64", false)]));
    expect(details).toMatchObject({
      problems: [`no column "x" in ${path("b")}; it has other, and the column is declared without nulls`],
    });
  });

  it("lacks a declared column that is in no file", async () => {
    const { details } = await refusalOf(scanOf({ a: 'pa.table({"xs": [1]})', b: 'pa.table({"other": [1]})' }, [x("int64")]));
    expect(details).toMatchObject({
      problems: [`no column "x" in ${path("a")}; did you mean "xs"?`, `no column "x" in ${path("b")}; it has other`],
    });
  });

  describe("with names that differ only in case", () => {
    it("is refused between files", async () => {
      const files = { a: 'pa.table({"x": [1]})', b: 'pa.table({"X": [2]})' };
      const declared = await refusalOf(scanOf(files, [x("int64")]));
      expect(declared.message).toContain(`no column "x" in ${path("b")}; it has "X", and names are case-sensitive`);
      const { message } = await refusalOf(scanOf(files));
      expect(message).toContain(`column "X" in ${path("b")} differs from "x" in other files only in case; rename one of them`);
    });

    it.each([
      ["two columns", '["x", "x"]', 'two columns "x"'],
      ["a column of each case", '["x", "X"]', 'the columns "x" and "X"'],
      ["a column by the name that DuckDB gives to the second", '["y", "y", "x_1", "x"]', 'two columns "y"'],
    ])("is refused in a file: %s", async (_what, names, shown) => {
      const files = { a: `pa.table([[index] for index in range(len(${names}))], names=${names})` };
      const { message } = await refusalOf(scanOf(files));
      expect(message).toContain(`${path("a")} has ${shown}, whose names do not differ by more than case; rename one of them`);
    });

    it("does not matter for columns that are not read", async () => {
      const files = { a: 'pa.table([[1], [2], [3]], names=["y", "Y", "x"])', b: 'pa.table([[4], [5]], names=["x", "y"])' };
      expect(await valuesOf(scanOf(files, [x("int64")]))).toEqual([[3n], [4n]]);
      const { message } = await refusalOf({ ...scanOf(files), columns: [{ name: "y_1", kind: "int64", nullable: true }] });
      expect(message).toContain('no column "y_1"');
    });
  });

  it("has no column that can be read", async () => {
    const { details } = await refusalOf(scanOf({ a: 'pa.table({"x": pa.array([1], pa.decimal256(50, 2))})' }));
    expect(details).toMatchObject({ problems: [`${path("a")} has no column that can be read: column "x" is DECIMAL(50,2)`] });
    const declared = await refusalOf(scanOf({ a: 'pa.table({"x": pa.array([1], pa.decimal256(50, 2))})' }, [x("float64")]));
    expect(declared.message).toContain(`column "x" is DECIMAL(50,2) in ${path("a")}, which float64 does not hold`);
  });

  it("is a source of features and labels", async () => {
    runPython(writeFiles, [
      folder,
      JSON.stringify({
        "2024-01-01": 'pd.DataFrame({"k": ["a"], "at": pd.to_datetime(["2024-01-01"]), "n": [1], "note": [None]})',
        "2024-01-02": 'pd.DataFrame({"k": ["a"], "at": pd.to_datetime(["2024-01-02"]), "n": [2.5], "note": ["u"], "late": ["v"]})',
      }),
    ]);
    const rows = source({
      name: "days",
      path: join(folder, "*.parquet"),
      columns: { k: t.string(), at: t.timestamp(), n: t.float64(), note: t.string(), late: t.string() },
      timestamp: "at",
    });
    const days = feature({ name: "days", source: rows, keys: ["k"] });
    const defs = new Definitions({ name: "united", features: [days], offlineStore: new LocalStore(join(folder, "store")), engine });
    expect((await defs.build()).failed).toEqual([]);
    const training = await defs.getTrainingData({
      labels: join(folder, "*.parquet"),
      timestamp: "at",
      features: [{ feature: "days", prefix: "f_" }],
    });
    const found = [];
    for await (const { n, note, late, f_n, f_note, f_late } of training.rows({ int64: "number" }))
      found.push([n, note, late, f_n, f_note, f_late]);
    expect(found).toEqual([
      [1, null, null, 1, null, null],
      [2.5, "u", "v", 2.5, "u", "v"],
    ]);
  });

  /** Types with values that are exact in text; what is in one group goes together. */
  const types: readonly (readonly [type: string, group: string, values: readonly string[]])[] = [
    ["pa.null()", "any", ["None"]],
    ["pa.int16()", "number", ["-7", "300"]],
    ["pa.int64()", "number", ["1", "9007199254740992", "9007199254740993", "-9223372036854775808"]],
    ["pa.uint64()", "number", ["18446744073709551615", "3"]],
    ["pa.float32()", "float", ["0.5", "-2"]],
    ["pa.float64()", "float", ["0.1", "1e300"]],
    ["pa.decimal128(9, 3)", "decimal", ['D("1.250")', 'D("-999999.999")']],
    ["pa.string()", "text", ['"u"', '"9007199254740993"']],
    ["pa.binary()", "bytes", ['b"u"']],
    ["pa.bool_()", "boolean", ["True"]],
  ];

  it("gives every value exactly, or refuses with a place", async () => {
    const file = fc.oneof(
      fc.constant(undefined),
      fc
        .constantFrom(...types)
        .chain(([type, , values]) =>
          fc.tuple(fc.constant(type), fc.array(fc.constantFrom(...values, "None"), { minLength: 1, maxLength: 3 })),
        ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 4 }), async (files) => {
        const programs = files.map((each, index) => {
          const values = each === undefined ? "" : `, "x": pa.array([${each[1].join(", ")}], ${each[0]})`;
          return [`f${index}`, `pa.table({"k": [${(each?.[1] ?? ["None"]).map(() => index).join(", ")}]${values}})`] as const;
        });
        const scan = scanOf(Object.fromEntries(programs));
        const expected = files.flatMap((each, index) =>
          (each?.[1] ?? ["None"]).map((value) => [index, value.replace(/^D\("(.*)"\)$/, "$1").replace(/^b?"(.*)"$/, "$1")]),
        );
        try {
          const rows = await valuesOf(scan);
          expect(rows.map(([k, value]) => [Number(k), exactText(value)])).toEqual(expected.map(([k, value]) => [k, exactText(value)]));
        } catch (error) {
          if (!isMlforgeError(error, "SCHEMA_MISMATCH")) throw error;
          expect(error.message).toContain(folder);
          const groups = new Set(
            files.flatMap((each) => types.find(([type]) => type === each?.[0])?.[1] ?? []).filter((each) => each !== "any"),
          );
          expect(groups.size).toBeGreaterThan(1);
        }
      }),
      { numRuns: 12 },
    );
  });

  /** A number by its digits, and everything else as it is. */
  function exactText(value: unknown): string {
    if (value === null || value === undefined || value === "None") return "null";
    if (value instanceof Uint8Array) return Buffer.from(value).toString();
    const text = String(value).replace(/^True$/, "true");
    if (/^-?\d+(\.\d+)?$/.test(text)) return text.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
    return /^-?\d.*e/.test(text) ? String(Number(text)) : text;
  }
});
