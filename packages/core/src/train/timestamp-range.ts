const first = Date.parse("0001-01-01T00:00:00Z");
const end = Date.parse("+010000-01-01T00:00:00Z");

/** Returns true if a time, in milliseconds since the Unix epoch, is in the years 1 to 9999, which every engine and file supports. */
export function isWithinYears(milliseconds: number | bigint): boolean {
  return milliseconds >= first && milliseconds < end;
}
