import type { Scan } from "@mlforge/spec";
import type { Kind } from "@mlforge/sql";
import { duckdb } from "./dialect/duckdb.js";
import type { Session } from "./session.js";

/** Classes of text. A column has the classes that all of its values have. */
const classes = { integer: 1, long: 2, float: 4, fixed: 8, boolean: 16, date: 32, timestamp: 64, text: 128 } as const;

const sampleRows = 2_048;
/** The number of columns that one query examines. DuckDB needs memory for the cells of all of them. */
const columnsAtOnce = 500;
const date = "\\d{4}-\\d\\d-\\d\\d";
const timestamp = `${date}[ T]\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,6})?)?(Z|[+-]\\d\\d(:?\\d\\d)?)?`;
/** Matches floats as programs print them: with a point or a signed exponent, and without a trailing zero. Does not match `12E5`, `007`, or `1.50`. */
const float = "-?(0|[1-9]\\d*)(\\.(0|\\d*[1-9])([eE][+-]?\\d+)?|[eE][+-]\\d+)";
const fixed = "-?(0|[1-9]\\d*)\\.\\d+";

/** The findings about all values of a column. */
interface Found {
  /** The union of the {@link classes} of the values. */
  readonly classes: number;
  /** The minimum and the maximum number of decimal places. */
  readonly scales: readonly [number, number];
  /** The number of characters of the longest value. */
  readonly length: number;
}

/**
 * Infers the kinds of undeclared string columns from all values of all files. A column is a number, date, or timestamp only if every value is written exactly as
 * the kind is printed, so no digit, sign, or zero is lost. All others are strings.
 */
export async function inferKinds(scan: Scan, names: readonly string[], session: Session): Promise<ReadonlyMap<string, Kind>> {
  const sample = await examineAll(scan, names, new Map(), session, sampleRows);
  const open = names.filter((name) => ((sample.get(name)?.classes ?? 0) & classes.text) === 0);
  const all = await examineAll(scan, open, sample, session);
  return new Map(names.map((name) => [name, kindOf(all.get(name))]));
}

async function examineAll(...[scan, names, ...rest]: Parameters<typeof examine>): Promise<ReadonlyMap<string, Found>> {
  const found = new Map<string, Found>();
  for (let from = 0; from < names.length; from += columnsAtOnce)
    for (const [name, each] of await examine(scan, names.slice(from, from + columnsAtOnce), ...rest)) found.set(name, each);
  return found;
}

/**
 * Turns the cells of all columns into the rows of one column, because DuckDB's planning time grows with the square of the number of aggregates.
 *
 * @param likely The most likely classes of the values, which are tested first.
 */
async function examine(
  scan: Scan,
  names: readonly string[],
  likely: ReadonlyMap<string, Found>,
  session: Session,
  limit?: number,
): Promise<ReadonlyMap<string, Found>> {
  const columns = names.map((name) => ({ name, kind: "string", nullable: true }) as const);
  const source = duckdb.source({ ...scan, columns, partitions: undefined });
  const rows = limit === undefined ? `(${source})` : `(SELECT * FROM (${source}) AS t LIMIT ${limit})`;
  const classesOf = (name: string): number => likely.get(name)?.classes ?? 0;
  // Columns with the same likely classes are adjacent, so one comparison decides the order of the tests of a cell.
  const sorted = [...names].sort((a, b) => classesOf(a) - classesOf(b));
  const tests = sorted.flatMap((name, place) => {
    const next = sorted[place + 1];
    return next !== undefined && classesOf(next) === classesOf(name)
      ? []
      : [`WHEN place <= ${place} THEN ${classOf("cell", classesOf(name))}`];
  });
  const scale = "length(split_part(cell, '.', 2))";
  const cells = `SELECT unnest(range(${sorted.length})) AS place, unnest([${sorted.map((name) => duckdb.identifier(name)).join(", ")}]) AS cell FROM ${rows} AS t`;
  const found = `place, bit_or(CASE ${tests.join(" ")} END), min(${scale}), max(${scale}), max(length(cell))`;
  const reader = await session.run((connection) =>
    connection.runAndReadAll(`SELECT ${found} FROM (${cells}) AS t WHERE cell IS NOT NULL GROUP BY place`),
  );
  return new Map(
    reader.getRowsJson().map((row) => {
      const [place = 0, united = 0, least = 0, most = 0, length = 0] = row.map(Number);
      return [sorted[place] ?? "", { classes: united, scales: [least, most], length }];
    }),
  );
}

/** Classes exclude each other, so their order matters only for speed. Exception: `fixed` is text in the form of a float that is not one. */
function classOf(value: string, likely: number): string {
  const matches = (pattern: string): string => `regexp_full_match(${value}, ${duckdb.literal(pattern, { kind: "string" })})`;
  const tests: readonly (readonly [united: number, sql: string])[] = [
    [
      classes.integer | classes.long,
      `WHEN CAST(TRY_CAST(${value} AS BIGINT) AS VARCHAR) = ${value} THEN CASE WHEN length(${value}) <= 15 THEN ${classes.integer} ELSE ${classes.long} END`,
    ],
    [classes.boolean, `WHEN ${value} IN ('true', 'false', 'True', 'False', 'TRUE', 'FALSE') THEN ${classes.boolean}`],
    [
      classes.float | classes.fixed,
      `WHEN ${matches(float)} AND ${isKept(value)} THEN ${classes.float} WHEN ${matches(fixed)} THEN ${classes.fixed}`,
    ],
    [classes.date, `WHEN ${matches(date)} AND TRY_CAST(${value} AS DATE) IS NOT NULL THEN ${classes.date}`],
    [classes.timestamp, `WHEN ${matches(timestamp)} THEN ${classes.timestamp}`],
  ];
  const ordered = [...tests].sort(([a], [b]) => Number((b & likely) !== 0) - Number((a & likely) !== 0)).map(([, sql]) => sql);
  // The first character excludes most strings.
  const isText = `left(${value}, 1) NOT IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 't', 'f', 'T', 'F')`;
  return `CASE WHEN ${isText} THEN ${classes.text} ${ordered.join(" ")} ELSE ${classes.text} END`;
}

/** Returns true if a double keeps every digit of a number: it has at most 15 digits, or it prints with the same digits. */
function isKept(value: string): string {
  const digits = (text: string): string => `rtrim(ltrim(regexp_replace(split_part(lower(${text}), 'e', 1), '[-.]', '', 'g'), '0'), '0')`;
  const double = `TRY_CAST(${value} AS DOUBLE)`;
  const isShort = `length(${digits(value)}) <= 15 AND (${double} <> 0 OR ${digits(value)} = '')`;
  const isSame = `${digits(value)} = ${digits(`CAST(${double} AS VARCHAR)`)}`;
  const isPlain = `length(${value}) <= 16 AND NOT contains(lower(${value}), 'e')`;
  return `CASE WHEN ${isPlain} THEN true ELSE coalesce(isfinite(${double}) AND (${isShort} OR ${isSame}), false) END`;
}

function kindOf(found: Found | undefined): Kind {
  const only = (kinds: number): boolean => found !== undefined && found.classes !== 0 && (found.classes & ~kinds) === 0;
  if (only(classes.integer | classes.long)) return { kind: "int64" };
  if (only(classes.integer | classes.float)) return { kind: "float64" };
  if (only(classes.float | classes.fixed) && found !== undefined) return fixedPoint(found);
  if (only(classes.boolean)) return { kind: "boolean" };
  if (only(classes.date)) return { kind: "date" };
  // A date among timestamps is its midnight.
  return only(classes.timestamp | classes.date) ? { kind: "timestamp" } : { kind: "string" };
}

/** Returns a decimal if all values have the same number of decimal places, as databases print them. Otherwise, trailing zeros would be lost. */
function fixedPoint({ scales: [least, most], length }: Found): Kind {
  return least === most && length <= 38 ? { kind: "decimal", precision: length <= 18 ? 18 : 38, scale: most } : { kind: "string" };
}
