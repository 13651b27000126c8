import type { Plan } from "@mlforge/spec";
import type { Partition } from "../define/partition.js";
import type { InputSource } from "../log/inputs.js";
import type { FilesOf } from "../sources/bind-sources.js";
import { fingerprint } from "../sources/fingerprint.js";
import type { SourceFiles } from "../sources/source-files.js";
import { dayAt, isDay, microsecondsOfDay, outsideYears, type Period, periodsBetween } from "./period.js";
import type { Reach, Reaches, Span } from "./reach.js";
import { type Days, daysRead } from "./restrict.js";
import { type DayTotal, totalsOf } from "./source-days.js";

/** A period that can have rows, and everything that they depend on. */
export interface PeriodInputs {
  readonly period: Period;
  /** SHA-256 of the definition and of everything in the sources that can affect the rows of the period. */
  readonly key: string;
  /** The files that can affect its rows. */
  readonly filesOf: FilesOf;
}

/** A plan over sources whose days are known. */
export interface TimedPlan {
  readonly plan: Plan;
  readonly planFingerprint: string;
  /** The engine that computes the rows. */
  readonly engine: { readonly name: string; readonly version: string };
  readonly reaches: Reaches;
  readonly sources: ReadonlyMap<string, SourceFiles>;
  readonly days: readonly InputSource[];
  /** Returns a hash that identifies the content of all files of a source. */
  readonly hashOf: (source: SourceFiles) => string;
}

/** Returns the periods that can have rows, in order. */
export function periodInputs(timed: TimedPlan, partition: Partition, feature: string): readonly PeriodInputs[] {
  const totals = timed.days.map((source) => ({ source, days: totalsOf(source) }));
  const scans = [...timed.reaches].map(([scan, reach]) => {
    const found = totals.find(({ source }) => source.source === scan.source && source.column === reach?.column);
    return { scan, reach, found };
  });
  const periods = new Map<string, Period>();
  for (const { reach, found } of scans) {
    if (reach?.make === undefined || found === undefined) continue;
    for (const day of found.days.keys()) {
      if (day === null) continue;
      for (const period of periodsMade(day, reach.make, partition, feature)) periods.set(period.name, period);
    }
  }
  const ordered = [...periods.values()].sort((a, b) => a.start - b.start);
  return ordered.map((period) => {
    const read = scans.map(({ scan, reach, found }) => {
      const source = timed.sources.get(scan.source);
      if (reach === undefined || found === undefined)
        return { source: scan.source, hash: source === undefined ? "" : timed.hashOf(source) };
      const days = daysRead(period, reach.read);
      return { source: scan.source, column: reach.column, days: totalsIn(found.days, days) };
    });
    const key = fingerprint({ plan: timed.planFingerprint, engine: timed.engine, period: period.name, read });
    return { period, key, filesOf: filesFor(timed, period) };
  });
}

/** Returns true if no source row makes a row outside the years 1 to 9999. */
export function areWithinYears({ reaches, days }: Pick<TimedPlan, "reaches" | "days">): boolean {
  return [...reaches].every(([scan, reach]) => {
    const { make } = reach ?? {};
    const files = days.find(({ source, column }) => source === scan.source && column === reach?.column)?.files ?? [];
    const all = files.flatMap((file) => file.days.flatMap(([day]) => day ?? []));
    return make === undefined || all.every((day) => isDay(day) && daysMade(day, make).every(isDay));
  });
}

/** Returns the first and the last day on which the source rows of a day can make rows. */
function daysMade(day: number, { from, to }: Span): readonly [first: number, last: number] {
  const start = BigInt(day) * microsecondsOfDay;
  const first = dayAt(start - to);
  return [first, from === "always" ? first : dayAt(start + microsecondsOfDay - 1n - from)];
}

/** Returns the periods in which the source rows of a day can give the feature rows. */
function periodsMade(day: number, make: Span, partition: Partition, feature: string): readonly Period[] {
  if (!isDay(day)) throw outsideYears(feature);
  return periodsBetween(...daysMade(day, make), partition, feature);
}

function totalsIn(days: ReadonlyMap<number | null, DayTotal>, within: Days): readonly string[] {
  return [...days]
    .flatMap(([day, total]) => (day !== null && isIn(day, within) ? [[day, total] as const] : []))
    .sort(([a], [b]) => a - b)
    .map(([day, { rows, checksum }]) => `${day} ${rows} ${checksum}`);
}

/** Returns the files that can affect the rows of a period. */
export function filesFor(timed: TimedPlan, period: Period): FilesOf {
  return filesWith(timed, (day, { read }) => day !== null && isIn(day, daysRead(period, read)));
}

/** Returns the files that have rows without a time. */
export function filesWithoutTime(timed: TimedPlan): FilesOf {
  return filesWith(timed, (day) => day === null);
}

/** Returns the files of a scan that have a day of use. A scan whose rows can affect rows at any time needs all of its files. */
function filesWith({ sources, days, reaches }: TimedPlan, isOfUse: (day: number | null, reach: Reach) => boolean): FilesOf {
  return (scan) => {
    const reach = reaches.get(scan);
    const all = sources.get(scan.source);
    const known = days.find(({ source, column }) => source === scan.source && column === reach?.column);
    if (all === undefined || reach === undefined || known === undefined) return all;
    const files = all.files.filter((_, index) => known.files[index]?.days.some(([day]) => isOfUse(day, reach)) ?? true);
    // A scan reads at least one file. The filter removes all its rows.
    return { ...all, files: files.length === 0 ? all.files.slice(0, 1) : files };
  };
}

function isIn(day: number, { first, last }: Days): boolean {
  return (first === undefined || day >= first) && day <= last;
}
