import type { ColumnKind } from "@mlforge/spec";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeConstant } from "../../src/define/constant.js";
import { type Duration, parseDuration } from "../../src/define/duration.js";

describe("constants", () => {
  it.each<readonly [unknown, ColumnKind, string]>([
    ["it's \u{1F6EB}", "string", "it's \u{1F6EB}"],
    [true, "boolean", "true"],
    [-0, "int64", "0"],
    [2 ** 53 - 1, "int64", "9007199254740991"],
    [2n ** 63n - 1n, "int64", "9223372036854775807"],
    [-(2n ** 63n), "int64", "-9223372036854775808"],
    [2 ** 31 - 1, "int32", "2147483647"],
    [0.1, "float32", "0.1"],
    [-0, "float64", "-0"],
    [1e300, "float64", "1e+300"],
    [Number.NaN, "float64", "NaN"],
    [Number.NEGATIVE_INFINITY, "float32", "-Infinity"],
    ["12.50", "decimal", "12.50"],
    [-1.5, "decimal", "-1.5"],
    [-0, "decimal", "0"],
    [10n ** 37n, "decimal", `1${"0".repeat(37)}`],
    [new Date("2024-02-29T12:34:56.789Z"), "timestamp", "2024-02-29T12:34:56.789000Z"],
    [new Date("0001-01-01T00:00:00Z"), "timestamp", "0001-01-01T00:00:00.000000Z"],
    [new Date("1969-12-31"), "date", "1969-12-31"],
    [new Uint8Array([0, 255, 16]), "bytes", "AP8Q"],
    [new Uint8Array([9, 1, 2]).subarray(1), "bytes", "AQI="],
  ])("%s as %s", (constant, kind, value) => {
    expect(encodeConstant(constant, kind)).toEqual({ expr: "literal", kind, value });
  });

  it.each<readonly [unknown, ColumnKind, RegExp]>([
    ["\ud800", "string", /lone surrogate/],
    [1, "string", /1 is not a value of kind string/],
    ["true", "boolean", /"true" is not a value of kind boolean/],
    [0.5, "int64", /cast the column to float64 first/],
    [Number.NaN, "int32", /NaN is not an integer/],
    [2 ** 53, "int64", /beyond 2\^53.*bigint/],
    [2n ** 63n, "int64", /9223372036854775808n does not fit in int64; cast the column to decimal/],
    [2 ** 31, "int32", /2147483648 does not fit in int32; cast the column to int64/],
    ["1", "int64", /"1" is not a value of kind int64/],
    [1e39, "float32", /does not fit in float32/],
    [1n, "float64", /1n is not a value of kind float64/],
    [1e21, "decimal", /beyond 2\^53/],
    [1e-7, "decimal", /write its digits/],
    ["1,5", "decimal", /"1,5" is not a decimal/],
    ["", "decimal", /"" is not a decimal/],
    [`1.${"1".repeat(38)}`, "decimal", /38 digits/],
    [new Date(Number.NaN), "timestamp", /invalid Date/],
    [new Date("+012345-01-01"), "timestamp", /years 0000 to 9999/],
    ["2024-01-01", "timestamp", /not a value of kind timestamp/],
    [new Date("2024-01-01T00:00:00.001Z"), "date", /is not a date: it has a time of day/],
    [[1], "bytes", /this Array is not a value of kind bytes/],
  ])("%s is refused as %s", (constant, kind, message) => {
    expect(() => encodeConstant(constant, kind)).toThrow(
      expect.objectContaining({ code: "DEFINITION_INVALID", message: expect.stringMatching(message) }),
    );
  });

  it("numbers come back from their text", () =>
    fc.assert(
      fc.property(fc.double(), (number) => {
        expect(Number(encodeConstant(number, "float64").value)).toBe(number);
      }),
    ));
});

describe("durations", () => {
  it("are their number of units", () => {
    const seconds = { s: 1n, m: 60n, h: 3600n, d: 86400n, w: 604800n } as const;
    return fc.assert(
      fc.property(fc.integer({ min: 1, max: 50_000 }), fc.constantFrom("s", "m", "h", "d", "w"), (count, unit) => {
        const text: Duration = `${count}${unit}`;
        expect(parseDuration(text)).toBe(BigInt(count) * seconds[unit] * 1_000_000n);
      }),
    );
  });
});
