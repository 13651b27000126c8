/** Formats microseconds since the Unix epoch as `YYYY-MM-DDTHH:MM:SS.ffffffZ`. */
export function microsecondsText(value: bigint): string {
  const fraction = ((value % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((value - fraction) / 1_000n)).toISOString().slice(0, -5);
  return `${seconds}.${fraction.toString().padStart(6, "0")}Z`;
}
