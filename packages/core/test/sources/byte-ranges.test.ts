import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bytes, bridged, lengthOf, pieces, united, without } from "../../src/sources/byte-ranges.js";

const range = fc.tuple(fc.nat(60), fc.nat(12)).map(([start, length]): Bytes => ({ start, end: start + length }));
const ranges = fc.array(range, { maxLength: 8 });

/** The bytes themselves, counted one by one. */
function bytesOf(of: readonly Bytes[]): Set<number> {
  return new Set(of.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index)));
}

function isAscendingAndApart(of: readonly Bytes[]): boolean {
  return of.every(({ start, end }, index) => start < end && (index === 0 || start > (of[index - 1]?.end ?? 0)));
}

describe("ranges of bytes", () => {
  it("united: the same bytes, ascending, apart", () => {
    fc.assert(
      fc.property(ranges, (given) => {
        const result = united(given);
        expect(bytesOf(result)).toEqual(bytesOf(given));
        expect(isAscendingAndApart(result)).toBe(true);
      }),
    );
  });

  it("without: what is wanted and not there", () => {
    fc.assert(
      fc.property(ranges, ranges, (wanted, had) => {
        const there = bytesOf(had);
        expect(bytesOf(without(wanted, had))).toEqual(new Set([...bytesOf(wanted)].filter((byte) => !there.has(byte))));
        expect(isAscendingAndApart(without(wanted, had))).toBe(true);
      }),
    );
  });

  it("bridged: holds what is wanted, and at most a tenth more", () => {
    fc.assert(
      fc.property(ranges, (given) => {
        const wanted = united(given);
        const result = bridged(wanted);
        const fetched = bytesOf(result);
        for (const byte of bytesOf(wanted)) expect(fetched.has(byte)).toBe(true);
        expect(fetched.size).toBeLessThanOrEqual(1.1 * lengthOf(wanted));
        expect(result.length).toBeLessThanOrEqual(wanted.length);
      }),
    );
  });

  it("bridged: joins neighbours over a small gap", () => {
    expect(
      bridged([
        { start: 0, end: 100 },
        { start: 105, end: 200 },
      ]),
    ).toEqual([{ start: 0, end: 200 }]);
    expect(
      bridged([
        { start: 0, end: 100 },
        { start: 150, end: 200 },
      ]),
    ).toHaveLength(2);
  });

  it("pieces: the same bytes in order, none too long", () => {
    fc.assert(
      fc.property(ranges, fc.integer({ min: 1, max: 9 }), (given, size) => {
        const cut = pieces(united(given), size);
        expect(united(cut)).toEqual(united(given));
        expect(lengthOf(cut)).toBe(lengthOf(united(given)));
        for (const { start, end } of cut) expect(end - start).toBeLessThanOrEqual(size);
      }),
    );
  });
});
