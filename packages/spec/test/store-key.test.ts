import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkStoreKey, checkStorePrefix, compareStoreKeys, cutRange } from "../src/index.js";

const invalid = { code: "STORE_KEY_INVALID" };

describe("checkStoreKey", () => {
  it.each(["a", "a/b", ".a", "..a/b..", "a b/ü", "🛫", "a".repeat(1_024), "é".repeat(512)])("allows %j", (key) => {
    checkStoreKey("memory", key);
  });

  it.each([
    "",
    "/",
    "a/",
    "/a",
    "a//b",
    ".",
    "..",
    "a/../b",
    "a/.",
    "a\0",
    "a\\b",
    "\ud800",
    "\udc00a",
    "a".repeat(1_025),
    "é".repeat(513),
  ])("refuses %j", (key) => {
    expect(() => checkStoreKey("memory", key)).toThrow(expect.objectContaining({ ...invalid, details: { store: "memory", key } }));
  });
});

describe("checkStorePrefix", () => {
  it("allows nothing, or a key and a slash", () => {
    for (const prefix of ["", "a/", "a/b/", ".a/"]) checkStorePrefix("memory", prefix);
  });

  it.each(["a", "/", "a//", "../", "a/b"])("refuses %j", (prefix) => {
    expect(() => checkStorePrefix("memory", prefix)).toThrow(expect.objectContaining(invalid));
  });
});

describe("compareStoreKeys", () => {
  it("orders as the UTF-8 bytes do", () => {
    const key = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(Math.sign(compareStoreKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      {
        examples: [
          ["\uffff", "\u{10000}"],
          ["\ud7ff", "\u{10000}"],
          ["a", "aa"],
          ["a/", "a."],
          ["🛫", "🛬"],
        ],
      },
    );
  });
});

describe("cutRange", () => {
  it("cuts as an array does", () => {
    const position = fc.nat(20);
    fc.assert(
      fc.property(fc.nat(12), position, fc.option(position, { nil: undefined }), (size, start, end) => {
        const whole = Array.from({ length: size }, (_, i) => i);
        const cut = cutRange({ start, end }, size);
        expect(whole.slice(cut.start, cut.end)).toEqual(whole.slice(start, end));
        expect(cut.start).toBeLessThanOrEqual(cut.end);
        expect(cut.end).toBeLessThanOrEqual(size);
      }),
    );
  });

  it("takes a suffix from the end, and everything without a range", () => {
    expect(cutRange({ suffix: 3 }, 10)).toEqual({ start: 7, end: 10 });
    expect(cutRange({ suffix: 30 }, 10)).toEqual({ start: 0, end: 10 });
    expect(cutRange({ suffix: 0 }, 10)).toEqual({ start: 10, end: 10 });
    expect(cutRange(undefined, 10)).toEqual({ start: 0, end: 10 });
  });

  it.each([{ start: -1 }, { start: 0.5 }, { start: 0, end: -1 }, { suffix: Number.NaN }, { suffix: Number.POSITIVE_INFINITY }])(
    "refuses %j",
    (range) => {
      expect(() => cutRange(range, 10)).toThrow(RangeError);
    },
  );
});
