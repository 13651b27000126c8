const form = /^(?<date>\d{4}-\d\d-\d\d)(?:[T ](?<time>\d\d:\d\d(?::\d\d(?:\.\d{1,3}0*)?)?)(?<offset>Z|[+-]\d\d:\d\d)?)?$/;

/**
 * Parses a date, or a date and a time of day. Without an offset, it is in UTC.
 *
 * Returns undefined for other text, for days that do not exist, and for microseconds, which a Date would cut.
 */
export function parseTimestamp(text: string): Date | undefined {
  const { date = "", time = "00:00", offset = "Z" } = form.exec(text)?.groups ?? {};
  const day = new Date(`${date}T00:00Z`);
  // A Date turns February 30 into March 1.
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(date)) return undefined;
  const timestamp = new Date(`${date}T${time}${offset}`);
  return Number.isNaN(timestamp.getTime()) ? undefined : timestamp;
}
