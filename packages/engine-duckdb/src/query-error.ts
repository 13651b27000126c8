import {
  type CsvFormat,
  encodingOf,
  isMlforgeError,
  type Kind,
  MlforgeError,
  type NamedColumn,
  type NdjsonFormat,
  type Scan,
} from "@mlforge/spec";
import { duckdb } from "@mlforge/sql";
import { engineError, type SourceFile, unreadable } from "./engine-error.js";
import { expectedText } from "./expected-text.js";
import { NativeError } from "./native-error.js";
import type { Session } from "./session.js";
import { jsonFault } from "./text/json-fault.js";
import { textError, threeLines } from "./text/text-error.js";

/** The error of a query that failed while it ran. DuckDB seldom says which file was at fault, so each file is read on its own. */
export async function queryError(error: unknown, sources: readonly SourceFile[], session: Session): Promise<unknown> {
  const known = engineError(error, { where: "the query", sources });
  if (isMlforgeError(known, "SOURCE_UNREADABLE")) {
    const file = sources.find(({ path }) => path === known.details.path);
    return (file && (await malformedJson(file, session))) ?? known;
  }
  if (!isMlforgeError(known, "TRANSFORM_FAILED") || !(error instanceof NativeError)) return known;
  // Parquet has types, so what could not be converted was converted by the query.
  const suspects = error.type === "Conversion" ? sources.filter(({ scan }) => textColumns(scan).length > 0) : sources;
  for (const file of suspects) {
    const fault = await sourceFault(file, session);
    if (fault !== undefined) return fault;
  }
  return known;
}

async function sourceFault(file: SourceFile, session: Session): Promise<unknown> {
  try {
    const wrong = await wrongTexts(file, session);
    if (wrong.length > 0) return await valueError(file, wrong, session);
    const columns = (file.scan.columns ?? []).map(({ name }) => duckdb.identifier(name));
    const all = columns.length === 0 ? "count(*)" : `bit_xor(hash(${columns.join(", ")}))`;
    const readAll = `SELECT ${all} FROM (${duckdb.source(file.scan)}) AS t`;
    await session.run((connection) => connection.run(readAll));
    return undefined;
  } catch (error) {
    return (await malformedJson(file, session)) ?? unreadable(file, error);
  }
}

/** The error of the first line of an NDJSON file that is no JSON. */
async function malformedJson({ source, path, scan: { format } }: SourceFile, session: Session): Promise<unknown> {
  if (format.kind !== "ndjson") return undefined;
  const fault = await jsonFault(path, format);
  return fault === undefined ? undefined : textError(fault, { source, path, format }, session.texts);
}

/** A text that is not of its column's kind. */
interface WrongText {
  readonly column: NamedColumn;
  readonly text: string;
  /** From 0, without a header. */
  readonly row: number;
}

async function valueError(file: SourceFile, wrong: readonly WrongText[], session: Session): Promise<MlforgeError<"SCHEMA_MISMATCH">> {
  const { source, path, scan } = file;
  const problems: string[] = [];
  for (const { column, text, row } of wrong) {
    const place = await placeOf(path, scan.format, row, session);
    const expected = expectedText(column, encodingOf(scan, column.name), scan.format);
    problems.push(
      threeLines(`${path}${place} column "${column.name}" is not ${article(column.kind)}`, JSON.stringify(text.slice(0, 100)), expected),
    );
  }
  const message = `source "${source}": ${problems.join("\n")}`;
  return new MlforgeError("SCHEMA_MISMATCH", message, { where: `source "${source}"`, problems });
}

async function placeOf(path: string, format: Scan["format"], row: number, session: Session): Promise<string> {
  const line = isText(format) ? await session.texts.lineOf(path, format, row) : undefined;
  return line === undefined ? ` row ${row + 1}:` : `:${line}`;
}

function isText(format: Scan["format"]): format is CsvFormat | NdjsonFormat {
  return format.kind !== "parquet";
}

function article(kind: string): string {
  return `${/^[aei]/.test(kind) ? "an" : "a"} ${kind}`;
}

/** For each column of a text file, the first of the texts that are not of its kind. */
async function wrongTexts({ scan }: SourceFile, session: Session): Promise<readonly WrongText[]> {
  const columns = textColumns(scan);
  if (columns.length === 0) return [];
  const values = columns.flatMap((column, index) => {
    const text = `CAST(${duckdb.identifier(column.name)} AS VARCHAR)`;
    const empty = scan.format.kind === "csv" || isEncoded(scan, column) ? `AND trim(${text}) <> ''` : "";
    const encoding = encodingOf(scan, column.name) ?? (column.kind === "timestamp" ? ({ kind: "iso" } as const) : undefined);
    // DuckDB 1.5 crashes now and then on TRY of what reads timestamps.
    const read = encoding === undefined ? `TRY(${duckdb.sourceColumn(scan, column.name, column)})` : duckdb.timeOrNull(text, encoding);
    return [`${text} AS v${index}`, `${text} IS NOT NULL ${empty} AND ${read} IS NULL AS wrong${index}`];
  });
  const firsts = columns.flatMap((_, index) => [
    `min(row) FILTER (WHERE wrong${index})`,
    `arg_min(v${index}, row) FILTER (WHERE wrong${index})`,
  ]);
  const rows = `SELECT row_number() OVER () - 1 AS row, ${values.join(", ")} FROM (${duckdb.source(scan)}) AS t`;
  const reader = await session.run((connection) => connection.runAndReadAll(`SELECT ${firsts.join(", ")} FROM (${rows}) AS t`));
  const found = reader.getRowsJson()[0] ?? [];
  return columns.flatMap((column, index) => {
    const [row, text] = [found[index * 2], found[index * 2 + 1]];
    return row === null || typeof text !== "string" ? [] : [{ column, text, row: Number(row) }];
  });
}

/** The columns whose values are read out of text, or of integers that may be beyond what they stand for. */
function textColumns(scan: Scan): readonly NamedColumn[] {
  return (scan.columns ?? []).filter((column) =>
    scan.format.kind === "parquet" ? isEncoded(scan, column) || isChecked(column) : column.kind !== "string",
  );
}

/** The lists of Parquet may have any length, and its texts may be no JSON. */
function isChecked({ kind, of, fields = [] }: Kind): boolean {
  return kind === "vector" || kind === "json" || (of !== undefined && isChecked(of)) || fields.some(isChecked);
}

function isEncoded({ encodings = {} }: Scan, { name }: NamedColumn): boolean {
  return Object.hasOwn(encodings, name);
}
