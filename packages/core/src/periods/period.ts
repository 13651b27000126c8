import { MlforgeError } from "@mlforge/spec";
import type { Partition } from "../define/partition.js";

/** A calendar period in UTC. */
export interface Period {
  /** `2024`, `2024-02`, `2024-W05`, or `2024-02-29`. The names of one partition sort by time. */
  readonly name: string;
  /** The first day, in days since the Unix epoch. */
  readonly start: number;
  /** The day after the last one. */
  readonly end: number;
}

export const microsecondsOfDay = 86_400_000_000n;
const millisecondsOfDay = 86_400_000;

/** The first day of year 1, and the day after year 9999. Period names have four digits for the year. */
const firstDay = dayOf(1, 0, 1);
const endDay = dayOf(10_000, 0, 1);

/** Returns true for days in the years 1 to 9999. */
export function isDay(day: number): boolean {
  return day >= firstDay && day < endDay;
}

/** Returns the period that contains a day. @param day in days since the Unix epoch @throws TRANSFORM_FAILED for a day outside the years 1 to 9999 */
function periodOf(day: number, partition: Partition, where: string): Period {
  if (!isDay(day)) throw outsideYears(where);
  const date = new Date(day * millisecondsOfDay);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (partition) {
    case "day":
      return { name: date.toISOString().slice(0, 10), start: day, end: day + 1 };
    case "week": {
      const start = day - ((date.getUTCDay() + 6) % 7);
      // The year of a week is that of its Thursday.
      const thursday = new Date((start + 3) * millisecondsOfDay).getUTCFullYear();
      const week = Math.floor((start + 3 - dayOf(thursday, 0, 1)) / 7) + 1;
      return { name: `${digits(thursday, 4)}-W${digits(week, 2)}`, start, end: start + 7 };
    }
    case "month":
      return { name: `${digits(year, 4)}-${digits(month + 1, 2)}`, start: dayOf(year, month, 1), end: dayOf(year, month + 1, 1) };
    case "year":
      return { name: digits(year, 4), start: dayOf(year, 0, 1), end: dayOf(year + 1, 0, 1) };
  }
}

/** Returns the period with a name, or undefined if the name is not valid. */
export function periodNamed(name: string, partition: Partition): Period | undefined {
  const [, year = "", week, month = "01", day = "01"] = /^(\d{4})(?:-W(\d\d)|-(\d\d)(?:-(\d\d))?)?$/.exec(name) ?? [];
  if (year === "") return undefined;
  // The fourth of January is always in the first week.
  const within =
    week === undefined ? dayOf(Number(year), Number(month) - 1, Number(day)) : dayOf(Number(year), 0, 4) + (Number(week) - 1) * 7;
  if (!isDay(within)) return undefined;
  const period = periodOf(within, partition, name);
  return period.name === name ? period : undefined;
}

/** Returns the periods that contain the days from `first` to `last`, in order. */
export function periodsBetween(first: number, last: number, partition: Partition, where: string): readonly Period[] {
  const periods: Period[] = [];
  for (let day = first; day <= last; ) {
    const period = periodOf(day, partition, where);
    periods.push(period);
    day = period.end;
  }
  return periods;
}

/** Returns the day of a time in microseconds since the Unix epoch. */
export function dayAt(microseconds: bigint): number {
  const day = microseconds / microsecondsOfDay;
  return Number(microseconds % microsecondsOfDay < 0n ? day - 1n : day);
}

/** Returns days since the Unix epoch. Does not use `Date.UTC`, which adds 1900 to years below 100. */
function dayOf(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day) / millisecondsOfDay;
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, "0");
}

/** Creates the error for a feature that has a row in no period. */
export function outsideYears(where: string): MlforgeError<"TRANSFORM_FAILED"> {
  const message = `feature "${where}" has a row outside the years 1 to 9999, which no period can contain; filter it out`;
  return new MlforgeError("TRANSFORM_FAILED", message, { where });
}
