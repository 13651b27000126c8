import type { Kind } from "@mlforge/spec";
import type { PlainValue } from "./plain-value.js";

/** Values of one kind that are hard to get right. */
export interface Sample {
  /** Describes the values in the name of a law. */
  readonly what: string;
  readonly column: Kind;
  readonly values: readonly PlainValue[];
}

const texts: readonly string[] = [
  ...[
    "",
    " ",
    " a ",
    "\t",
    "\r\n",
    "\0",
    "a\0b",
    "null",
    "NULL",
    "NaN",
    '"',
    "'",
    "\\N",
    "a,b",
    "0042",
    "1e3",
    "ü",
    "é",
    "e\u0301",
    "🦔",
    "\u{10ffff}",
  ],
  ...["\ufeffbyte order mark", "\uffff", "a".repeat(70_000)],
];
const floats: readonly number[] = [0, -0, 1, -0.1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const doubles: readonly number[] = [...floats, 0.1, 5e-324, -5e-324, 1.7976931348623157e308, 2 ** 53 + 2, 0.1 + 0.2];
const singles: readonly number[] = [
  -0,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1.5,
  2 ** -149,
  -(2 ** -149),
  Math.fround(3.4e38),
];
const integers: readonly bigint[] = [0n, 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const nines = 10n ** 38n - 1n;
/** The first and the last microsecond of the years 1 to 9999, and some around the epoch and a leap second. */
const timestamps: readonly bigint[] = [
  ...[0n, -1n, 1n, 999n, -999_999n, 1_483_228_799_999_999n, 1_704_067_200_000_001n],
  ...[-62_135_596_800_000_000n, 253_402_300_799_999_999n],
];

const int64: Kind = { kind: "int64" };
const string: Kind = { kind: "string" };
const point: Kind = {
  kind: "struct",
  fields: [
    { name: "x", kind: "float64", nullable: true },
    { name: "label", kind: "string", nullable: true },
  ],
};

export const samples: readonly Sample[] = [
  { what: "strings, empty, long and of any character", column: string, values: texts },
  {
    what: "JSON, as it was written",
    column: { kind: "json" },
    values: ["null", "{}", ' { "a" : 1.00 } ', "12345678901234567890.5", '"\\u00e9"', "[1,\n2]"],
  },
  { what: "booleans", column: { kind: "boolean" }, values: [true, false, false, true, true, true, false, true, false] },
  { what: "int32 up to its limits", column: { kind: "int32" }, values: [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)] },
  { what: "int64 up to its limits", column: int64, values: integers.map(String) },
  { what: "float32: NaN, -0, infinities and the smallest and largest", column: { kind: "float32" }, values: singles },
  { what: "float64: NaN, -0, infinities and the smallest and largest", column: { kind: "float64" }, values: doubles },
  { what: "decimals of 1 digit", column: { kind: "decimal", precision: 1, scale: 0 }, values: ["0", "9", "-9"] },
  {
    what: "decimals of 9 digits",
    column: { kind: "decimal", precision: 9, scale: 9 },
    values: ["0", "1", "-1", "999999999", "-999999999"],
  },
  {
    what: "decimals of 18 digits",
    column: { kind: "decimal", precision: 18, scale: 4 },
    values: ["0", "-1", "15000", "999999999999999999", "-999999999999999999"],
  },
  {
    what: "decimals of 38 digits",
    column: { kind: "decimal", precision: 38, scale: 10 },
    values: [0n, 1n, -1n, 2n ** 64n, -(2n ** 64n), 2n ** 96n + 1n, nines, -nines].map(String),
  },
  { what: "timestamps to the microsecond, adjusted to UTC", column: { kind: "timestamp" }, values: timestamps.map(String) },
  { what: "dates before and after 1970", column: { kind: "date" }, values: [0, 1, -1, -719_162, 2_932_896, 19_782] },
  { what: "times of day to the microsecond", column: { kind: "time" }, values: ["0", "1", "43200000000", "86399999999"] },
  { what: "bytes", column: { kind: "bytes" }, values: ["", "00", "ff0a222c", "00".repeat(300), "c328"] },
  {
    what: "lists, empty and with nulls inside",
    column: { kind: "list", of: { ...int64, nullable: true } },
    values: [[], ["1"], [null], ["1", null, "3"], [null, null], integers.map(String), []],
  },
  { what: "lists of strings", column: { kind: "list", of: { ...string, nullable: false } }, values: [["", "a"], [], ["ü"], texts] },
  {
    what: "lists of lists",
    column: { kind: "list", of: { kind: "list", of: { ...int64, nullable: true }, nullable: true } },
    values: [[], [[]], [null], [[], null, ["1", null]], [["1"], ["2", "3"]]],
  },
  {
    what: "lists of structs",
    column: { kind: "list", of: { ...point, nullable: true } },
    values: [[], [[1, "a"], null, [null, null]], [[-0, ""]], [null]],
  },
  {
    what: "vectors of float32",
    column: { kind: "vector", length: 3, element: "float32" },
    values: [
      [1, 2, 3],
      [-0, Number.NaN, Number.POSITIVE_INFINITY],
      [Math.fround(0.1), 0, 1],
    ],
  },
  { what: "vectors of one float64", column: { kind: "vector", length: 1, element: "float64" }, values: doubles.map((value) => [value]) },
  {
    what: "structs with nulls inside",
    column: point,
    values: [
      [1, "a"],
      [null, "b"],
      [-0, null],
      [null, null],
      [Number.NaN, ""],
    ],
  },
  {
    what: "structs of lists, vectors and structs",
    column: {
      kind: "struct",
      fields: [
        { name: "list", kind: "list", of: { ...int64, nullable: true }, nullable: true },
        { name: "vector", kind: "vector", length: 2, element: "float64", nullable: true },
        { name: "struct", ...point, nullable: true },
      ],
    },
    values: [
      [
        ["1", null],
        [1, -0],
        [1, "a"],
      ],
      [[], null, null],
      [null, [0, Number.NaN], [null, null]],
      [null, null, null],
    ],
  },
];
