import {
  checksumColumn,
  checksumRowsColumn,
  column,
  type Engine,
  literal,
  mapScans,
  type NamedColumn,
  type Plan,
  type Scan,
  schemaOf,
} from "@mlforge/spec";
import { freshName } from "../define/fresh-name.js";
import type { InputDay, InputFile, InputSource } from "../log/inputs.js";
import { countIn, smallResult } from "../read/small-result.js";
import type { SourceFile, SourceFiles } from "../sources/source-files.js";
import type { Reaches } from "./reach.js";

/** A source with the column that holds the times of its rows. */
export interface TimedSource {
  readonly source: string;
  readonly column: string;
  /** Has all columns that the plan reads from the source. */
  readonly scan: Scan;
}

/** Returns a scan of each source of a plan, by name, with all columns that the plan reads from the source. */
export function sourceScans(plan: Plan): ReadonlyMap<string, Scan> {
  const found = new Map<string, Scan>();
  mapScans(plan, (scan) => {
    const known = found.get(scan.source);
    found.set(scan.source, known === undefined ? scan : withColumnsOf(known, scan));
    return scan;
  });
  return found;
}

/** Returns the sources of a plan whose rows affect only rows in a known span. */
export function timedSources(plan: Plan, reaches: Reaches): readonly TimedSource[] {
  const scans = sourceScans(plan);
  const found = new Map<string, TimedSource>();
  for (const [scan, reach] of reaches) {
    if (reach === undefined) continue;
    const { source } = scan;
    const { column } = reach;
    found.set(JSON.stringify([source, column]), { source, column, scan: scans.get(source) ?? scan });
  }
  return [...found.values()];
}

/** Merges the columns of two scans of a source. Scans of a source read the same column in the same way. */
function withColumnsOf(scan: Scan, other: Scan): Scan {
  const columns = byName([...(scan.columns ?? []), ...(other.columns ?? [])]);
  const partitions = byName([...(scan.partitions ?? []), ...(other.partitions ?? [])]);
  const encodings = { ...scan.encodings, ...other.encodings };
  return { ...scan, columns, partitions, encodings };
}

function byName(columns: readonly NamedColumn[]): readonly NamedColumn[] {
  return [...new Map(columns.map((each) => [each.name, each])).values()];
}

/** The maximum number of files in a query. Planning a query takes longer the more files it has. */
const filesOfQuery = 64;

interface DaysTools {
  readonly engine: Engine;
  /** Returns a plan that reads one file fast. */
  readonly scanOf: (scan: Scan, file: SourceFile) => Promise<Plan>;
  readonly hashOf: (file: SourceFile) => string;
  /** The record of an earlier build with this engine. */
  readonly recorded: readonly InputSource[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Returns the number of rows and the checksum of each day of each file of a source. Reads only files whose hash is not recorded, and only the columns
 * that the plan uses.
 */
export async function daysOfSource(
  { source, column: time, scan }: TimedSource,
  { files }: SourceFiles,
  { engine, scanOf, hashOf, recorded, signal }: DaysTools,
): Promise<InputSource> {
  const known = new Map(
    recorded
      .filter((each) => each.source === source && each.column === time)
      .flatMap((each) => each.files.map((file) => [file.hash, file])),
  );
  const fresh = files.filter((file) => !known.has(hashOf(file)));
  const days = new Map<SourceFile, InputDay[]>(fresh.map((file) => [file, []]));
  for (let start = 0; start < fresh.length; start += filesOfQuery) {
    const some = fresh.slice(start, start + filesOfQuery);
    const scans: Plan[] = [];
    for (const file of some) scans.push(await scanOf(scan, file));
    const plan: Plan = { op: "union", inputs: scans.map((each, index) => daysPlan(each, time, index)), columns: resultNames };
    for (const row of await smallResult(engine, plan, signal)) {
      const file = some[countIn(row, fileName)];
      const day = row[dayName];
      if (file === undefined || (day !== null && !(day instanceof Date)))
        throw new TypeError(`${engine.name} returned days that it was not asked for`);
      days
        .get(file)
        ?.push([
          day === null ? null : day.getTime() / 86_400_000,
          countIn(row, checksumRowsColumn.name),
          checksumIn(row[checksumColumn.name]),
        ]);
    }
  }
  const fileDays = (file: SourceFile): InputFile => ({
    name: file.path.split(/[\\/]/).at(-1) ?? "",
    hash: hashOf(file),
    days: (days.get(file) ?? []).sort(([a], [b]) => (a ?? Number.NEGATIVE_INFINITY) - (b ?? Number.NEGATIVE_INFINITY)),
  });
  return { source, column: time, files: files.map((file) => known.get(hashOf(file)) ?? fileDays(file)) };
}

const fileName = "file";
const dayName = "day";
const resultNames = [fileName, dayName, checksumRowsColumn.name, checksumColumn.name];

function daysPlan(scan: Plan, time: string, file: number): Plan {
  const names = schemaOf(scan).map(({ name }) => name);
  const day = freshName(names, dayName);
  const days = { name: day, value: { expr: "cast", value: column(time), to: { kind: "date" } } } as const;
  const input: Plan = { op: "project", input: scan, columns: [...names.map((name) => ({ name, value: column(name) })), days] };
  return {
    op: "project",
    input: { op: "rowChecksums", input, by: [day] },
    columns: [
      { name: fileName, value: literal("int64", String(file)) },
      { name: dayName, value: column(day) },
      ...[checksumRowsColumn.name, checksumColumn.name].map((name) => ({ name, value: column(name) })),
    ],
  };
}

function checksumIn(value: unknown): string {
  if (typeof value === "string" && /^\d+$/.test(value)) return value;
  throw new TypeError("the engine returned a checksum that is not a number");
}

/** The rows of a day in all files of a source. */
export interface DayTotal {
  readonly rows: number;
  readonly checksum: bigint;
}

/** Returns the total of each day of a source, over all its files. */
export function totalsOf({ files }: InputSource): ReadonlyMap<number | null, DayTotal> {
  const totals = new Map<number | null, DayTotal>();
  for (const { days } of files) {
    for (const [day, rows, checksum] of days) {
      const before = totals.get(day) ?? { rows: 0, checksum: 0n };
      totals.set(day, { rows: before.rows + rows, checksum: before.checksum + BigInt(checksum) });
    }
  }
  return totals;
}
