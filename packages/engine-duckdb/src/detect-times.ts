import { isoPattern, knownTimeEncodings, MlforgeError, type Scan, type TimeEncoding, timePattern } from "@mlforge/spec";
import { duckdb } from "./dialect/duckdb.js";
import type { Session } from "./session.js";

const sampleRows = 20_480;

/**
 * Detects how string columns that are timestamps are written, the same in all files of the scan: in the known encoding that reads every value of a
 * sample, or most of them. A value that it does not read fails the query.
 *
 * If several encodings fit the sample, it looks at all values.
 *
 * @throws TIMESTAMP_AMBIGUOUS, or SCHEMA_MISMATCH for a column that no encoding can read
 */
export async function detectTimes(scan: Scan, names: readonly string[], session: Session): Promise<NonNullable<Scan["encodings"]>> {
  const found: [string, TimeEncoding][] = [];
  for (const name of names) found.push([name, await detect(scan, name, session)]);
  return Object.fromEntries(found);
}

async function detect(scan: Scan, name: string, session: Session): Promise<TimeEncoding> {
  const sample = await bestReaders(knownTimeEncodings, `${valuesOf(scan, name)} LIMIT ${sampleRows}`, session);
  const fitting = sample.length === 1 ? sample : await bestReaders(sample, valuesOf(scan, name), session);
  const [encoding, other] = fitting;
  if (encoding === undefined) throw await unknownFormat(scan, name, session);
  if (other !== undefined) await expectAgreement(scan, name, encoding, other, session);
  return encoding;
}

/** Selects strings as `v`, without nulls and empty strings. */
function valuesOf(scan: Scan, name: string): string {
  const columns = scan.columns?.map((column) => ({ ...column, kind: "string" as const }));
  const column = duckdb.identifier(name);
  return `SELECT ${column} AS v FROM (${duckdb.source({ ...scan, columns })}) AS t WHERE trim(${column}) <> ''`;
}

/** Returns those of `candidates` that read most values: none if no value can be read, all if there are no values. */
async function bestReaders(candidates: readonly TimeEncoding[], values: string, session: Session): Promise<readonly TimeEncoding[]> {
  const counts = candidates.map((candidate) => `CAST(count(*) FILTER (WHERE ${isRead(candidate)}) AS VARCHAR)`);
  const [[total, ...read] = []] = await rowsOf(`SELECT CAST(count(*) AS VARCHAR), ${counts.join(", ")} FROM (${values}) AS t`, session);
  const numbers = read.map(Number);
  const most = Math.max(...numbers);
  if (Number(total) === 0) return candidates.slice(0, 1);
  return most === 0 ? [] : candidates.filter((_, index) => numbers[index] === most);
}

function isRead(encoding: TimeEncoding): string {
  const time = `${duckdb.timeOrNull("v", encoding)} IS NOT NULL`;
  // DuckDB's cast accepts more than ISO 8601.
  return encoding.kind === "iso" ? `regexp_full_match(trim(v), ${quoted(isoPattern)}) AND ${time}` : time;
}

async function expectAgreement(scan: Scan, name: string, a: TimeEncoding, b: TimeEncoding, session: Session): Promise<void> {
  const times = [a, b].map((encoding) => duckdb.timeOrNull("v", encoding));
  const shown = times.map((time) => `strftime(${time}, '%Y-%m-%dT%H:%M:%SZ')`);
  const differing = `SELECT v, ${shown.join(", ")} FROM (${valuesOf(scan, name)}) AS t WHERE ${times.join(" <> ")} ORDER BY v LIMIT 1`;
  const [[value, first, second] = []] = await rowsOf(differing, session);
  if (value === undefined) return;
  const readings = [
    { format: formatFor(value, a), timestamp: String(first) },
    { format: formatFor(value, b), timestamp: String(second) },
  ];
  const [one, two] = readings.map(({ format, timestamp }) => `${timestamp} as ${format}`);
  const message = `column "${name}" of source "${scan.source}" holds ${JSON.stringify(value)}, which is ${one} and ${two}; declare which, for example t.timestamp({ format: ${JSON.stringify(readings[0]?.format)} })`;
  throw new MlforgeError("TIMESTAMP_AMBIGUOUS", message, { source: scan.source, column: name, value, readings });
}

/** Returns the one format of an encoding that a value has. */
function formatFor(value: string, encoding: TimeEncoding): string {
  if (encoding.kind !== "format") return "ISO 8601";
  return encoding.formats.find((format) => new RegExp(`^\\s*(?:${timePattern(format)})\\s*$`).test(value)) ?? encoding.formats.join(" or ");
}

async function unknownFormat(scan: Scan, name: string, session: Session): Promise<MlforgeError<"SCHEMA_MISMATCH">> {
  const rows = await rowsOf(`SELECT DISTINCT v FROM (${valuesOf(scan, name)} LIMIT ${sampleRows}) AS t ORDER BY v LIMIT 3`, session);
  const examples = rows.map(([value = ""]) => value);
  const declaration = examples.every((value) => /^-?\d+$/.test(value)) ? 'unit: "s"' : 'format: "%d-%m-%Y"';
  const shown = examples.map((value) => JSON.stringify(value.slice(0, 100))).join(", ");
  const problems = [`column "${name}" holds ${shown}, not in a known timestamp format`];
  const where = `source "${scan.source}"`;
  const message = `${where} has other values than declared: ${problems.join("; ")}; say how they are written, for example t.timestamp({ ${declaration} })`;
  return new MlforgeError("SCHEMA_MISMATCH", message, { where, problems });
}

async function rowsOf(sql: string, session: Session): Promise<readonly (readonly string[])[]> {
  const reader = await session.run((connection) => connection.runAndReadAll(sql));
  return reader.getRowsJson().map((row) => row.map(String));
}

function quoted(text: string): string {
  return duckdb.literal(text, { kind: "string" });
}
