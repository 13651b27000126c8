import { definitionInvalid } from "./definition-issues.js";

/** A fixed length of time: seconds, minutes, hours, days of 24 hours, or weeks of 7 days. `"90s"`, `"1d"`. */
export type Duration = `${number}${"s" | "m" | "h" | "d" | "w"}`;

const microsecondsOf: Readonly<Record<string, bigint>> = {
  s: 1_000_000n,
  m: 60_000_000n,
  h: 3_600_000_000n,
  d: 86_400_000_000n,
  w: 604_800_000_000n,
};

/** A thousand years. Anything longer is a mistake, and sums of it would overflow int64. */
const longest = 365_250n * 86_400_000_000n;

/** Returns a duration in microseconds, at least one second. @throws DEFINITION_INVALID */
export function parseDuration(text: unknown): bigint {
  if (typeof text === "string" && /^\d+\s*(mo|mon|months?|y|yr|years?|q)$/i.test(text)) {
    throw invalid(text, "uses a calendar unit, which has no fixed length; use days, such as 30d");
  }
  const match = typeof text === "string" ? /^([1-9]\d{0,15})([smhdw])$/.exec(text) : null;
  const [, count = "", unit = ""] = match ?? [];
  const unitMicroseconds = microsecondsOf[unit];
  if (unitMicroseconds === undefined) throw invalid(text, "is not valid; use an integer followed by s, m, h, d, or w, such as 7d");
  const microseconds = BigInt(count) * unitMicroseconds;
  if (microseconds > longest) throw invalid(text, "is longer than a thousand years");
  return microseconds;
}

/** Formats microseconds as a duration in the largest unit that fits, at most days: `7d`, not `168h` or `1w`. */
export function durationText(microseconds: string): string {
  const count = BigInt(microseconds);
  const { w: _, ...units } = microsecondsOf;
  for (const [unit, size] of Object.entries(units).reverse()) if (count % size === 0n) return `${count / size}${unit}`;
  return `${count} microseconds`;
}

function invalid(text: unknown, reason: string): Error {
  return definitionInvalid("duration", `duration ${JSON.stringify(text)} ${reason}`);
}
