import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { t } from "../../src/define/column-types.js";
import { scanOf } from "../../src/define/scan-of.js";
import { source } from "../../src/define/source.js";
import { portablePath } from "../../src/define/source-path.js";
import { issuesOf } from "./issues-of.js";

describe("sources", () => {
  it.each([
    ["data/flights.parquet", "flights", { kind: "parquet" }],
    ["flights.CSV", "flights", { kind: "csv" }],
    ["flights.tsv", "flights", { kind: "csv", delimiter: "\t" }],
    ["a/b/flights-2024.01.jsonl", "flights_2024_01", { kind: "ndjson" }],
    ["data/flights/*.ndjson", "flights", { kind: "ndjson" }],
    ["data/flights/year=*/part-*.parquet", "flights", { kind: "parquet" }],
    ["2024.parquet", "_2024", { kind: "parquet" }],
    ["s3://bucket/flights.parquet", "flights", { kind: "parquet" }],
    ["https://example.com/flights.csv?download=1", "flights", { kind: "csv" }],
  ])("of %s are named %s and read as %j", (path, name, format) => {
    expect(source({ path })).toMatchObject({ name, format, paths: [path], columns: undefined, timestamp: undefined });
  });

  it("keep what they are told", () => {
    const columns = { at: t.timestamp(), price: t.decimal(18, 4, { nullable: false }) };
    const format = { kind: "csv", delimiter: ";" } as const;
    const path = ["a.txt", new URL("file:///data/b.txt")];
    expect(source({ path, name: "prices", format, columns, timestamp: "at", description: "closing" })).toMatchObject({
      name: "prices",
      paths: ["a.txt", "file:///data/b.txt"],
      format,
      columns: { price: { kind: "decimal", precision: 18, scale: 4, nullable: false } },
      timestamp: "at",
      description: "closing",
    });
  });

  it.each<readonly [string, () => unknown, readonly (readonly [string, RegExp])[]]>([
    [
      "no path",
      () => source({ path: [] }),
      [
        ["source.path", /at least one file/],
        ["source.name", /give name/],
        ["source.format", /give format/],
      ],
    ],
    ["an empty path", () => source({ path: " ", name: "x", format: { kind: "csv" } }), [["x.path", /at least one file/]]],
    ["a path of no type", () => source({ path: JSON.parse("1"), name: "x", format: { kind: "csv" } }), [["x.path", /at least one file/]]],
    ["another ending", () => source({ path: "flights.xlsx" }), [["flights.format", /"\.xlsx".*give format/]]],
    ["no ending", () => source({ path: "data/flights" }), [["flights.format", /give format/]]],
    ["two endings", () => source({ path: ["a.csv", "b.parquet"] }), [["a.format", /"\.csv", "\.parquet"; give format/]]],
    ["a path without a name", () => source({ path: "*.csv" }), [["source.name", /"\*\.csv" suggests no name; give name/]]],
    ["a bad name", () => source({ path: "a.csv", name: "a/b" }), [["source.name", /"a\/b" is not allowed/]]],
    ["an unknown format", () => source({ path: "a.csv", format: JSON.parse('{"kind":"orc"}') }), [["a.format.kind", /"orc"/]]],
    [
      "a long delimiter",
      () => source({ path: "a.csv", format: { kind: "csv", delimiter: "||" } }),
      [["a.format.delimiter", /"\|\|" is not one character/]],
    ],
    ["no columns", () => source({ path: "a.csv", columns: {} }), [["a.columns", /at least one column/]]],
    ["a column of no type", () => source({ path: "a.csv", columns: { x: JSON.parse('"int64"') } }), [["a.columns.x", /no column type/]]],
    [
      "an unknown timestamp",
      () => source({ path: "a.csv", columns: { date: t.date() }, timestamp: JSON.parse('"dat"') }),
      [["a.timestamp", /did you mean "date"/]],
    ],
    [
      "a timestamp that is none",
      () => source({ path: "a.csv", columns: { date: t.string() }, timestamp: "date" }),
      [["a.timestamp", /"date" is string/]],
    ],
  ])("refuse %s", (_, define, expected) => {
    expect(issuesOf(define)).toEqual(expected.map(([path, message]) => ({ path, message: expect.stringMatching(message) })));
  });

  it("refuse decimals of impossible digits", () => {
    expect(issuesOf(() => t.decimal(0, 0))).toEqual([{ path: "decimal", message: expect.stringContaining("1 to 38 digits, not 0") }]);
  });
});

describe("scans", () => {
  it.each([
    ["data/flights.parquet", "data/flights.parquet"],
    ["./data//flights.parquet", "data/flights.parquet"],
    ["/work/project/data/*.csv", "data/*.csv"],
    ["file:///work/project/data/a%20b.csv", "data/a b.csv"],
    ["../elsewhere/a.csv", "../elsewhere/a.csv"],
    ["/work/projects/a.csv", "/work/projects/a.csv"],
    ["file:///elsewhere/a.csv", "/elsewhere/a.csv"],
    ["/work/project/..a/b.csv", "..a/b.csv"],
    ["s3://bucket//a/../b.parquet", "s3://bucket//a/../b.parquet"],
  ])("name %s portably", (path, portable) => {
    expect(portablePath(path, "/work/project")).toBe(portable);
  });

  it("name files below the working directory the same on every machine", () => {
    const here = pathToFileURL("data/flights.csv");
    expect(scanOf(source({ path: [here, "data/other.csv"], name: "x" }))).toEqual({
      op: "scan",
      source: "x",
      format: { kind: "csv" },
      paths: ["data/flights.csv", "data/other.csv"],
    });
  });
});
