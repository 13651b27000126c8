import type { Scan } from "@mlforge/spec";
import { duckdb, type Kind } from "@mlforge/sql";
import type { Session } from "./session.js";

/** What a text may be; a column is what all of its values are. */
const classes = { integer: 1, long: 2, float: 4, fixed: 8, boolean: 16, date: 32, timestamp: 64, text: 128 } as const;

const sampleRows = 2_048;
const date = "\\d{4}-\\d\\d-\\d\\d";
const timestamp = `${date}[ T]\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,6})?)?(Z|[+-]\\d\\d(:?\\d\\d)?)?`;
/** As programs print floats: with a point or with the sign of an exponent, and without a zero at the end. `12E5`, `007` and `1.50` are none. */
const float = "-?(0|[1-9]\\d*)(\\.(0|\\d*[1-9])([eE][+-]?\\d+)?|[eE][+-]\\d+)";
const fixed = "-?(0|[1-9]\\d*)\\.\\d+";

/** What is known of all values of a column. */
interface Found {
  /** United {@link classes}. */
  readonly classes: number;
  /** The least and the greatest number of digits after the point. */
  readonly scales: readonly [number, number];
  /** Characters of the longest value. */
  readonly length: number;
}

/**
 * The kinds of undeclared columns of text, by all values of all files: a number, date or moment only if every value is written as the kind is printed, so that no
 * digit, sign or zero is lost. All others are strings.
 */
export async function inferKinds(scan: Scan, names: readonly string[], session: Session): Promise<ReadonlyMap<string, Kind>> {
  const sample = await examine(scan, names, new Map(), session, sampleRows);
  const open = names.filter((name) => ((sample.get(name)?.classes ?? 0) & classes.text) === 0);
  const all = await examine(scan, open, sample, session);
  return new Map(names.map((name) => [name, kindOf(all.get(name))]));
}

/**
 * DuckDB plans a query in a time that grows with the square of its aggregates, so the cells of all columns become the rows of one.
 *
 * @param likely What the values most likely are, which is tried first.
 */
async function examine(
  scan: Scan,
  names: readonly string[],
  likely: ReadonlyMap<string, Found>,
  session: Session,
  limit?: number,
): Promise<ReadonlyMap<string, Found>> {
  if (names.length === 0) return new Map();
  const columns = names.map((name) => ({ name, kind: "string", nullable: true }) as const);
  const source = duckdb.source({ ...scan, columns, partitions: undefined });
  const rows = limit === undefined ? `(${source})` : `(SELECT * FROM (${source}) AS t LIMIT ${limit})`;
  const classesOf = (name: string): number => likely.get(name)?.classes ?? 0;
  // Columns of the same likely classes stand together, so that one comparison tells which order of tests a cell is given.
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

/** The classes exclude each other, so that their order matters only for speed; but `fixed` is what has the form of a float and is none. */
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
  // The first character rules most texts out.
  const isText = `left(${value}, 1) NOT IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 't', 'f', 'T', 'F')`;
  return `CASE WHEN ${isText} THEN ${classes.text} ${ordered.join(" ")} ELSE ${classes.text} END`;
}

/** Whether a double keeps every digit of a number: of those of at most 15 digits, and of what prints with the same digits. */
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
  // A date among moments is its midnight.
  return only(classes.timestamp | classes.date) ? { kind: "timestamp" } : { kind: "string" };
}

/** A decimal where all values have the same number of digits after the point, as databases print them; of others the zeros at the end would be lost. */
function fixedPoint({ scales: [least, most], length }: Found): Kind {
  return least === most && length <= 38 ? { kind: "decimal", precision: length <= 18 ? 18 : 38, scale: most } : { kind: "string" };
}
