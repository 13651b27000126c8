import { isMlforgeError, type Kind, MlforgeError, type NamedColumn, type Scan, type TimeEncoding, typeText } from "@mlforge/spec";
import { duckdb } from "@mlforge/sql";
import { engineError, type SourceFile, unreadable } from "./engine-error.js";
import { NativeError } from "./native-error.js";
import type { Session } from "./session.js";

/** The error of a query that failed while it ran. DuckDB seldom says which file was at fault, so each file is read on its own. */
export async function queryError(error: unknown, sources: readonly SourceFile[], session: Session): Promise<unknown> {
  const known = engineError(error, { where: "the query", sources });
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
    const problems = await wrongTexts(file, session);
    if (problems.length > 0) {
      const where = `source "${file.source}"`;
      const message = `${where} has other values than declared: ${problems.join("; ")}; correct the file or the declared columns`;
      return new MlforgeError("SCHEMA_MISMATCH", message, { where, problems });
    }
    const columns = (file.scan.columns ?? []).map(({ name }) => duckdb.identifier(name));
    const all = columns.length === 0 ? "count(*)" : `bit_xor(hash(${columns.join(", ")}))`;
    const readAll = `SELECT ${all} FROM (${duckdb.source(file.scan)}) AS t`;
    await session.run((connection) => connection.run(readAll));
    return undefined;
  } catch (error) {
    return unreadable(file, error);
  }
}

/** For each column of a text file, one of the texts that are not of its kind. */
async function wrongTexts({ scan, path }: SourceFile, session: Session): Promise<readonly string[]> {
  const columns = textColumns(scan);
  if (columns.length === 0) return [];
  const examples = columns.map((column) => {
    const text = `CAST(${duckdb.identifier(column.name)} AS VARCHAR)`;
    const empty = scan.format.kind === "csv" || isEncoded(scan, column) ? `AND trim(${text}) <> ''` : "";
    const encoding = scan.encodings?.[column.name] ?? (column.kind === "timestamp" ? { kind: "iso" } : undefined);
    // DuckDB 1.5 crashes now and then on TRY of what reads timestamps.
    const read = encoding === undefined ? `TRY(${duckdb.sourceColumn(scan, column.name, column)})` : duckdb.timeOrNull(text, encoding);
    return `any_value(${text}) FILTER (WHERE ${text} IS NOT NULL ${empty} AND ${read} IS NULL)`;
  });
  const select = `SELECT ${examples.join(", ")} FROM (${duckdb.source(scan)}) AS t`;
  const reader = await session.run((connection) => connection.runAndReadAll(select));
  const found = reader.getRowsJson()[0] ?? [];
  return columns.flatMap(({ name, ...type }, index) => {
    const text = found[index];
    return typeof text === "string"
      ? [
          `column "${name}" holds ${JSON.stringify(text.slice(0, 100))} in ${path}, which is no ${typeText(type)}${written(scan.encodings?.[name])}`,
        ]
      : [];
  });
}

/** The columns whose values are read out of text, or of integers that may be beyond what they stand for. */
function textColumns(scan: Scan): readonly NamedColumn[] {
  return (scan.columns ?? []).filter((column) =>
    scan.format.kind === "parquet" ? isEncoded(scan, column) || hasVector(column) : column.kind !== "string",
  );
}

/** The lists of Parquet may have any length. */
function hasVector({ kind, of, fields = [] }: Kind): boolean {
  return kind === "vector" || (of !== undefined && hasVector(of)) || fields.some(hasVector);
}

function isEncoded({ encodings = {} }: Scan, { name }: NamedColumn): boolean {
  return Object.hasOwn(encodings, name);
}

function written(encoding: TimeEncoding | undefined): string {
  if (encoding?.kind === "format") return ` of the form ${encoding.formats.map((format) => JSON.stringify(format)).join(" or ")}`;
  return encoding?.kind === "epoch" ? ` in ${encoding.unit} since 1970 within the years 1 to 9999` : "";
}
