import type { ByteRange } from "./store.js";

/**
 * Resolves a range to the bytes of an object of `size` bytes: from `start` up to, but not including, `end`. Cuts it at the object's end.
 *
 * @throws RangeError for a bound that is not a non-negative integer
 */
export function cutRange(range: ByteRange | undefined, size: number): { readonly start: number; readonly end: number } {
  if (range === undefined) return { start: 0, end: size };
  if ("suffix" in range) return { start: Math.max(0, size - bound(range.suffix)), end: size };
  const start = Math.min(bound(range.start), size);
  return { start, end: range.end === undefined ? size : Math.max(start, Math.min(bound(range.end), size)) };
}

function bound(value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`${value} is not a byte position; use an integer from 0`);
}
