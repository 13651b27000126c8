import type { ColumnKind, Scan } from "@mlforge/spec";
import { duckdb } from "@mlforge/sql";
import type { Session } from "./session.js";

/** What a text may be; a column is what all of its values are. */
const classes = { integer: 1, long: 2, float: 4, boolean: 8, date: 16, timestamp: 32, text: 64 } as const;

const sampleRows = 2_048;
const date = "\\d{4}-\\d\\d-\\d\\d";
const timestamp = `${date}[ T]\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,6})?)?(Z|[+-]\\d\\d(:?\\d\\d)?)?`;
/** As programs write floats: with a point or with the sign of an exponent, so that `12E5` and `007` stay what they are. */
const float = "-?(0|[1-9]\\d*)(\\.\\d+([eE][+-]?\\d+)?|[eE][+-]\\d+)";

/**
 * The kinds of undeclared columns of text, by all values of all files: a number, date or moment only if every value is written as the kind is printed, so that no
 * digit, sign or zero is lost. All others are strings.
 */
export async function inferKinds(scan: Scan, names: readonly string[], session: Session): Promise<ReadonlyMap<string, ColumnKind>> {
  const sample = await classesOf(scan, names, session, sampleRows);
  const open = names.filter((name) => ((sample.get(name) ?? 0) & classes.text) === 0);
  const all = await classesOf(scan, open, session);
  return new Map(names.map((name) => [name, kindOf(all.get(name) ?? classes.text)]));
}

async function classesOf(scan: Scan, names: readonly string[], session: Session, limit?: number): Promise<ReadonlyMap<string, number>> {
  if (names.length === 0) return new Map();
  const columns = names.map((name) => ({ name, kind: "string", nullable: true }) as const);
  const source = duckdb.source({ ...scan, columns, partitions: undefined });
  const found = names.map((name) => `bit_or(${classOf(duckdb.identifier(name))})`);
  const rows = limit === undefined ? `(${source})` : `(SELECT * FROM (${source}) AS t LIMIT ${limit})`;
  const reader = await session.run((connection) => connection.runAndReadAll(`SELECT ${found.join(", ")} FROM ${rows} AS t`));
  const [row = []] = reader.getRowsJson();
  return new Map(names.map((name, index) => [name, Number(row[index] ?? 0)]));
}

/** The first character rules most texts out, and a number that comes back as the same text is one. */
function classOf(value: string): string {
  const matches = (pattern: string): string => `regexp_full_match(${value}, ${duckdb.literal(pattern, { kind: "string" })})`;
  const digits = `CAST(TRY_CAST(${value} AS BIGINT) AS VARCHAR) = ${value}`;
  return `CASE
    WHEN ${value} IS NULL THEN 0
    WHEN left(${value}, 1) NOT IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 't', 'f', 'T', 'F') THEN ${classes.text}
    WHEN ${digits} THEN CASE WHEN length(${value}) <= 15 THEN ${classes.integer} ELSE ${classes.long} END
    WHEN ${value} IN ('true', 'false', 'True', 'False', 'TRUE', 'FALSE') THEN ${classes.boolean}
    WHEN ${matches(float)} THEN CASE WHEN ${isKept(value)} THEN ${classes.float} ELSE ${classes.text} END
    WHEN ${matches(date)} AND TRY_CAST(${value} AS DATE) IS NOT NULL THEN ${classes.date}
    WHEN ${matches(timestamp)} THEN ${classes.timestamp}
    ELSE ${classes.text} END`;
}

/** Whether a double keeps every digit of a number: those of at most 15 digits, and what prints with the same digits. */
function isKept(value: string): string {
  const digits = (text: string): string => `rtrim(ltrim(regexp_replace(split_part(lower(${text}), 'e', 1), '[-.]', '', 'g'), '0'), '0')`;
  const double = `TRY_CAST(${value} AS DOUBLE)`;
  return `isfinite(${double}) AND (length(${digits(value)}) <= 15 AND (${double} <> 0 OR ${digits(value)} = '') OR ${digits(value)} = ${digits(`CAST(${double} AS VARCHAR)`)})`;
}

function kindOf(found: number): ColumnKind {
  const only = (kinds: number): boolean => found !== 0 && (found & ~kinds) === 0;
  if (only(classes.integer | classes.long)) return "int64";
  if (only(classes.integer | classes.float)) return "float64";
  if (only(classes.boolean)) return "boolean";
  if (only(classes.date)) return "date";
  // A date among moments is its midnight.
  return only(classes.timestamp | classes.date) ? "timestamp" : "string";
}
