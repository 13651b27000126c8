import type { NamedColumn } from "@mlforge/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partitionFolders, partitionValues, withPartitions } from "../../src/sources/partition-values.js";

function column(name: string, kind: NamedColumn["kind"], nullable = true): NamedColumn {
  return { name, kind, nullable };
}

describe("values in folder names", () => {
  it.each<readonly [NamedColumn["kind"], string, string | null]>([
    ["string", "a%2Fb%3Dc%25", "a/b=c%"],
    ["string", "%C3%BC %E2%82%ac", "ü €"],
    ["string", "", ""],
    ["string", "a+b", "a+b"],
    ["string", "50%", "50%"],
    ["string", "%zz%4", "%zz%4"],
    ["string", "null", "null"],
    ["string", "..", ".."],
    ["string", "a=b", "a=b"],
    ["string", "%EF%BB%BFx", "\u{feff}x"],
    ["string", "__HIVE_DEFAULT_PARTITION__", null],
    ["boolean", "True", "true"],
    ["int32", "007", "7"],
    ["int32", "-2147483648", "-2147483648"],
    ["int64", "9223372036854775807", "9223372036854775807"],
    ["int64", "__HIVE_DEFAULT_PARTITION__", null],
    ["float64", "1.50", "1.5"],
    ["float64", "1e3", "1000"],
    ["float64", "-inf", "-Infinity"],
    ["float64", "nan", "NaN"],
    ["date", "2024-02-29", "2024-02-29"],
    ["timestamp", "2024-01-01", "2024-01-01T00:00:00.000000Z"],
    ["timestamp", "2024-01-01 10%3A20%3A30.5", "2024-01-01T10:20:30.500000Z"],
    ["timestamp", "2024-01-01T10%3A20Z", "2024-01-01T10:20:00.000000Z"],
    ["timestamp", "2024-01-01 10%3A20%3A30%2B00", "2024-01-01T10:20:30.000000Z"],
  ])("of kind %s read %j as %j", (kind, written, value) => {
    expect(partitionValues(`/data/x=${written}/part.csv`, [column("x", kind)])).toEqual({ values: { x: value }, problems: [] });
  });

  it.each<readonly [NamedColumn["kind"], string]>([
    ["string", "%C3"],
    ["string", "%ff%fe"],
    ["boolean", "1"],
    ["boolean", ""],
    ["int32", "2147483648"],
    ["int32", "1.0"],
    ["int32", " 1"],
    ["int64", "-9223372036854775809"],
    ["int64", ""],
    ["int64", "NULL"],
    ["float64", "1e999"],
    ["float64", "1,5"],
    ["date", "2024-02-30"],
    ["date", "2023-02-29"],
    ["date", "2024-1-1"],
    ["date", "01-02-2024"],
    ["date", "2024-01-01T00:00"],
    ["timestamp", "2024-01-01T24:00"],
    ["timestamp", "2024-01-01T10:00+02:00"],
    ["timestamp", "10:00"],
  ])("of kind %s are not %j", (kind, written) => {
    const { problems } = partitionValues(`/data/x=${written}/part.csv`, [column("x", kind)]);
    expect(problems).toEqual([`its column "x" is "${written}" ("x=${written}"), which is not a valid ${kind}`]);
  });

  it("must be there once, in a folder and not in the name of the file", () => {
    const problemsOf = (path: string): readonly string[] => partitionValues(path, [column("dt", "int32")]).problems;
    expect(problemsOf("/data/dt=1/a.csv")).toEqual([]);
    expect(problemsOf("s3://bucket/dt=1/x=2/a.csv")).toEqual([]);
    expect(problemsOf("/data/dt=1.csv")).toEqual([expect.stringContaining('not in a folder "dt=..."')]);
    expect(problemsOf("/data/DT=1/xdt=1/a.csv")).toEqual([expect.stringContaining('not in a folder "dt=..."')]);
    expect(problemsOf("/dt=1/dt=2/a.csv")).toEqual([expect.stringContaining('in both "dt=1" and "dt=2"')]);
    expect(problemsOf("/dt=1\\2/a.csv")).toEqual([expect.stringContaining("backslash")]);
    expect(problemsOf(`/dt=${"1".repeat(300)}/a.csv`)).toEqual([expect.stringContaining("longer than 255 bytes")]);
  });

  it("are not null where the column is not", () => {
    const { problems } = partitionValues("/dt=__HIVE_DEFAULT_PARTITION__/a.csv", [column("dt", "date", false)]);
    expect(problems).toEqual([expect.stringContaining("nullable: false")]);
  });

  it("may belong to names that are percent-encoded, or not", () => {
    for (const path of ["/b%2F%C3%BC x=1/a.csv", "/b%2f%c3%bc%20x=1/a.csv"])
      expect(partitionValues(path, [column("b/ü x", "int32")]).values).toEqual({ "b/ü x": "1" });
    expect(partitionValues("/a.c=1/abc=2/f.csv", [column("a.c", "int32")]).values).toEqual({ "a.c": "1" });
  });

  it("come out of encodeURIComponent as they went in", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 20 }),
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
        (value, name) => {
          const path = `/x/${encodeURIComponent(name)}=${encodeURIComponent(value)}/a.csv`;
          expect(partitionValues(path, [column(name, "string")])).toEqual({ values: { [name]: value }, problems: [] });
        },
      ),
    );
  });
});

it("folders are given as they are written, and only those of the columns", () => {
  const path = "s3://bucket/x=1/dt=2024-01-01/plain/region=a%2Fb/f.parquet";
  expect(partitionFolders(path, [column("region", "string"), column("dt", "date")])).toEqual(["dt=2024-01-01", "region=a%2Fb"]);
});

it("values are part of what a file is only where there are some", () => {
  expect(withPartitions("abc", {})).toBe("abc");
  const hashes = [{ dt: "1" }, { dt: "2" }, { dt: null }, { td: "1" }].map((partitions) => withPartitions("abc", { partitions }));
  expect(new Set([...hashes, "abc"]).size).toBe(5);
  expect(withPartitions("abc", { partitions: { dt: "1" } })).toBe(hashes[0]);
});
