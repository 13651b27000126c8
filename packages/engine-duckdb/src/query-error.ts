import { type CsvFormat, encodingOf, isMlforgeError, MlforgeError, type NdjsonFormat, type Scan } from "@mlforge/spec";
import { duckdb } from "./dialect/duckdb.js";
import { isParquetScan } from "./dialect/parquet.js";
import { engineError, type SourceFile, unreadable } from "./engine-error.js";
import { expectedText } from "./expected-text.js";
import { NativeError } from "./native-error.js";
import { nullCheck, parquetChecks, parquetRows, type ValueCheck } from "./parquet-checks.js";
import type { Session } from "./session.js";
import { malformedJson } from "./text/malformed-json.js";
import { threeLines } from "./text/text-error.js";

/** Finds the cause of a query that failed while running. DuckDB rarely names the file, so this reads each file separately. */
export async function queryError(error: unknown, sources: readonly SourceFile[], session: Session): Promise<unknown> {
  const known = engineError(error, { where: "the query", sources });
  if (isMlforgeError(known, "SOURCE_UNREADABLE")) {
    const file = sources.find(({ path }) => path === known.details.path);
    return (file && (await malformedJson({ ...file, format: file.scan.format }, session.texts))) ?? known;
  }
  if (!isMlforgeError(known, "TRANSFORM_FAILED") || !(error instanceof NativeError)) return known;
  // Parquet has types, so the query itself did the conversion that failed.
  const suspects = error.type === "Conversion" ? sources.filter(({ scan }) => checksOf(scan).length > 0) : sources;
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
    return (await malformedJson({ ...file, format: file.scan.format }, session.texts)) ?? unreadable(file, error);
  }
}

/** A string that is not of its column's kind. */
interface WrongText {
  readonly check: ValueCheck;
  readonly text: string;
  /** The row, from 0, without the header. */
  readonly row: number;
}

async function valueError(file: SourceFile, wrong: readonly WrongText[], session: Session): Promise<MlforgeError<"SCHEMA_MISMATCH">> {
  const { source, path, scan } = file;
  const problems: (readonly string[])[] = [];
  for (const { check, text, row } of wrong) {
    const { column, isText: quoted, expected } = check;
    const place = await placeOf(path, scan.format, row, session);
    const shown = text.slice(0, 100);
    const problem = `${path}${place} column "${column.name}" is not ${article(column.kind)}`;
    problems.push(threeLines(problem, quoted ? JSON.stringify(shown) : shown, expected));
  }
  const where = `source "${source}"`;
  const [first = "", ...others] = problems.flat();
  const details = { where, problems: problems.map((lines) => lines.join("\n")) };
  return new MlforgeError("SCHEMA_MISMATCH", [`${where}: ${first}`, ...others], details);
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

/** Finds, for each column of a file, the first value that is not of its kind. */
async function wrongTexts({ scan }: SourceFile, session: Session): Promise<readonly WrongText[]> {
  const checks = checksOf(scan);
  if (checks.length === 0) return [];
  const values = checks.flatMap(({ text, isWrong }, index) => [`${text} AS v${index}`, `${isWrong} AS wrong${index}`]);
  const firsts = checks.flatMap((_, index) => [
    `min(row) FILTER (WHERE wrong${index})`,
    `arg_min(v${index}, row) FILTER (WHERE wrong${index})`,
  ]);
  const source = isParquetScan(scan) ? parquetRows(scan) : duckdb.source(scan);
  const rows = `SELECT row_number() OVER () - 1 AS row, ${values.join(", ")} FROM (${source}) AS t`;
  const reader = await session.run((connection) => connection.runAndReadAll(`SELECT ${firsts.join(", ")} FROM (${rows}) AS t`));
  const found = reader.getRowsJson()[0] ?? [];
  return checks.flatMap((check, index) => {
    const [row, text] = [found[index * 2], found[index * 2 + 1]];
    return row === null || typeof text !== "string" ? [] : [{ check, text, row: Number(row) }];
  });
}

function checksOf(scan: Scan): readonly ValueCheck[] {
  return isParquetScan(scan) ? parquetChecks(scan) : textChecks(scan);
}

/** Returns the columns of a text file that are not strings. */
function textChecks(scan: Scan): readonly ValueCheck[] {
  const { columns = [], format } = scan;
  const inFolders = new Set(scan.partitions?.map(({ name }) => name));
  return columns.flatMap((column): readonly ValueCheck[] => {
    const identifier = duckdb.identifier(column.name);
    // An empty cell is null in every kind except string and bytes.
    const isNull = format.kind === "csv" && column.kind !== "string" && column.kind !== "bytes" ? `nullif(${identifier}, '')` : identifier;
    const nulls = column.nullable || inFolders.has(column.name) ? [] : [nullCheck(column, `${isNull} IS NULL`)];
    if (column.kind === "string") return nulls;
    const stated = encodingOf(scan, column.name);
    const text = `CAST(${identifier} AS VARCHAR)`;
    const empty = format.kind === "csv" || stated !== undefined ? `AND trim(${text}) <> ''` : "";
    const encoding = stated ?? (column.kind === "timestamp" ? ({ kind: "iso" } as const) : undefined);
    // DuckDB 1.5 sometimes crashes on TRY around timestamp parsing.
    const read = encoding === undefined ? `TRY(${duckdb.sourceColumn(scan, column.name, column)})` : duckdb.timeOrNull(text, encoding);
    const isWrong = `${text} IS NOT NULL ${empty} AND ${read} IS NULL`;
    return [...nulls, { column, text, isWrong, isText: true, expected: expectedText(column, stated, format) }];
  });
}
