import { definitionInvalid } from "./definition-issues.js";

/** A fixed length of time: seconds, minutes, hours, days of 24 hours, weeks of 7 days. `"90s"`, `"1d"`. */
export type Duration = `${number}${"s" | "m" | "h" | "d" | "w"}`;

const microsecondsOf: Readonly<Record<string, bigint>> = {
  s: 1_000_000n,
  m: 60_000_000n,
  h: 3_600_000_000n,
  d: 86_400_000_000n,
  w: 604_800_000_000n,
};

/** A thousand years: what is longer is a slip of the pen, and sums of them would leave the range of int64. */
const longest = 365_250n * 86_400_000_000n;

/** The microseconds of a duration, at least one second. @throws DEFINITION_INVALID */
export function parseDuration(text: unknown): bigint {
  if (typeof text === "string" && /^\d+\s*(mo|mon|months?|y|yr|years?|q)$/i.test(text)) {
    throw invalid(text, "is a calendar unit, which has no fixed length; write a number of days, such as 30d");
  }
  const match = typeof text === "string" ? /^([1-9]\d{0,15})([smhdw])$/.exec(text) : null;
  const [, count = "", unit = ""] = match ?? [];
  const unitMicroseconds = microsecondsOf[unit];
  if (unitMicroseconds === undefined) throw invalid(text, "is not a whole number with s, m, h, d or w, such as 7d");
  const microseconds = BigInt(count) * unitMicroseconds;
  if (microseconds > longest) throw invalid(text, "is longer than a thousand years");
  return microseconds;
}

/** The duration of so many microseconds, in its greatest unit: `7d` and not `168h`. */
export function durationText(microseconds: string): string {
  const count = BigInt(microseconds);
  for (const [unit, size] of Object.entries(microsecondsOf).reverse()) if (count % size === 0n) return `${count / size}${unit}`;
  return `${count} microseconds`;
}

function invalid(text: unknown, reason: string): Error {
  return definitionInvalid("duration", `duration ${JSON.stringify(text)} ${reason}`);
}
