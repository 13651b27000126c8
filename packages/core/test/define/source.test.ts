import { pathToFileURL } from "node:url";
import type { Columns, Plan } from "@mlforge/spec";
import { describe, expect, it } from "vitest";
import { t } from "../../src/define/column-types.js";
import { declaredColumns, scanOf } from "../../src/define/scan-of.js";
import { source } from "../../src/define/source.js";
import { portablePath } from "../../src/define/source-path.js";
import { feature } from "../../src/features/feature.js";
import { resolveFeature } from "../../src/resolve/resolve-feature.js";
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
        ["source.name", /pass name/],
        ["source.format", /pass format/],
      ],
    ],
    ["an empty path", () => source({ path: " ", name: "x", format: { kind: "csv" } }), [["x.path", /at least one file/]]],
    ["a path of no type", () => source({ path: JSON.parse("1"), name: "x", format: { kind: "csv" } }), [["x.path", /at least one file/]]],
    ["another ending", () => source({ path: "flights.xlsx" }), [["flights.format", /"\.xlsx".*pass format/]]],
    ["no ending", () => source({ path: "data/flights" }), [["flights.format", /pass format/]]],
    ["two endings", () => source({ path: ["a.csv", "b.parquet"] }), [["a.format", /"\.csv" and "\.parquet"; pass format/]]],
    ["a path without a name", () => source({ path: "*.csv" }), [["source.name", /"\*\.csv" does not contain a valid name; pass name/]]],
    ["a bad name", () => source({ path: "a.csv", name: "a/b" }), [["source.name", /"a\/b" is not allowed/]]],
    ["an unknown format", () => source({ path: "a.csv", format: JSON.parse('{"kind":"orc"}') }), [["a.format.kind", /"orc"/]]],
    [
      "a long delimiter",
      () => source({ path: "a.csv", format: { kind: "csv", delimiter: "||" } }),
      [["a.format.delimiter", /delimiter must be one ASCII character, got "\|\|"/]],
    ],
    ["no columns", () => source({ path: "a.csv", columns: {} }), [["a.columns", /at least one column/]]],
    [
      "a column of no type",
      () => source({ path: "a.csv", columns: { x: JSON.parse('"int64"') } }),
      [["a.columns.x", /expected a column type/]],
    ],
    [
      "an unknown timestamp",
      () => source({ path: "a.csv", columns: { date: t.date() }, timestamp: JSON.parse('"dat"') }),
      [["a.timestamp", /did you mean "date"/]],
    ],
    ["no partitions", () => source({ path: "a.csv", partitions: {} }), [["a.partitions", /at least one column/]]],
    [
      "a partition that is a column of the files",
      () => source({ path: "a.csv", columns: { dt: t.date() }, partitions: { dt: t.date() } }),
      [["a.partitions.dt", /"dt" is declared in both columns and partitions/]],
    ],
    [
      "partitions of kinds that folder names do not hold",
      () => source({ path: "a.csv", partitions: { a: t.bytes(), b: t.decimal(5, 2), c: t.float32(), d: JSON.parse("1") } }),
      [
        ["a.partitions.d", /expected a column type/],
        ["a.partitions.a", /a folder name cannot contain bytes; use string, boolean, int32, int64, float64, date, timestamp/],
        ["a.partitions.b", /decimal/],
        ["a.partitions.c", /float32/],
      ],
    ],
    [
      "a partition with a format",
      () => source({ path: "a.csv", partitions: { at: t.timestamp({ format: "%d/%m/%Y" }) } }),
      [["a.partitions.at", /ISO 8601/]],
    ],
    [
      "a timestamp among the partitions that is none",
      () => source({ path: "a.csv", partitions: { dt: t.string() }, timestamp: "dt" }),
      [["a.timestamp", /"dt" is string/]],
    ],
    [
      "a timestamp that is neither a column nor a partition",
      () => source({ path: "a.csv", columns: { a: t.date() }, partitions: { date: t.date() }, timestamp: JSON.parse('"dat"') }),
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
    expect(issuesOf(() => t.decimal(0, 0))).toEqual([{ path: "decimal", message: expect.stringContaining("must be 1 to 38, got 0") }]);
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

  it("have the partitions of their source last, and no others", () => {
    const events = source({ path: "events/**/*.csv", columns: { id: t.int64() }, partitions: { dt: t.date({ nullable: false }) } });
    const dt = { name: "dt", kind: "date", nullable: false };
    expect(declaredColumns(events)).toEqual([{ name: "id", kind: "int64", nullable: true }, dt]);
    expect(scanOf(events)).toMatchObject({ paths: ["events/**/*.csv"], partitions: [dt] });
    expect(Object.keys(scanOf(source({ path: "events/dt=1/a.csv" })))).toEqual(["op", "source", "format", "paths"]);
  });

  it("keep those partitions only that reach the output of a plan", () => {
    const made = (partitions: Columns): Plan => {
      const events = source({ path: "events/**/*.parquet", columns: { id: t.int64(), user: t.string() }, partitions });
      const rows = feature({ name: "f", source: events, keys: ["id"], transform: (all) => all.select("id") });
      const { computation } = resolveFeature(rows, () => []);
      if (computation.kind !== "plan") throw new TypeError("this is a plan");
      return computation.plan;
    };
    const scanned = (plan: Plan): unknown => (plan.op === "project" ? plan.input : plan);
    expect(scanned(made({ dt: t.date() }))).not.toHaveProperty("partitions");
    expect(made({ dt: t.date() })).toEqual(made({ region: t.string() }));
  });
});
