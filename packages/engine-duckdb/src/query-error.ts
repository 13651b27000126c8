import { isMlforgeError, MlforgeError } from "@mlforge/spec";
import { duckdb } from "@mlforge/sql";
import { engineError, type SourceFile, unreadable } from "./engine-error.js";
import { NativeError } from "./native-error.js";
import type { Session } from "./session.js";

/** The error of a query that failed while it ran. DuckDB seldom says which file was at fault, so each file is read on its own. */
export async function queryError(error: unknown, sources: readonly SourceFile[], session: Session): Promise<unknown> {
  const known = engineError(error, { where: "the query", sources });
  if (!isMlforgeError(known, "TRANSFORM_FAILED") || !(error instanceof NativeError)) return known;
  // Parquet has types, so what could not be converted was converted by the query.
  const suspects = error.type === "Conversion" ? sources.filter(({ scan }) => scan.format.kind !== "parquet") : sources;
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
    const readAll = `SELECT bit_xor(hash(${columns.join(", ")})) FROM (${duckdb.source(file.scan)}) AS t`;
    await session.run((connection) => connection.run(readAll));
    return undefined;
  } catch (error) {
    return unreadable(file, error);
  }
}

/** For each column of a text file, one of the texts that are not of its kind. */
async function wrongTexts({ scan, path }: SourceFile, session: Session): Promise<readonly string[]> {
  const columns = (scan.columns ?? []).filter(({ kind }) => kind !== "string");
  if (scan.format.kind === "parquet" || columns.length === 0) return [];
  const examples = columns.map((column) => {
    const text = duckdb.identifier(column.name);
    const empty = scan.format.kind === "csv" ? `AND ${text} <> ''` : "";
    return `any_value(${text}) FILTER (WHERE ${text} IS NOT NULL ${empty} AND TRY(${duckdb.sourceColumn(scan, column.name, column)}) IS NULL)`;
  });
  const select = `SELECT ${examples.join(", ")} FROM (${duckdb.source(scan)}) AS t`;
  const reader = await session.run((connection) => connection.runAndReadAll(select));
  const found = reader.getRowsJson()[0] ?? [];
  return columns.flatMap(({ name, kind }, index) => {
    const text = found[index];
    return typeof text === "string" ? [`column "${name}" holds ${JSON.stringify(text.slice(0, 100))} in ${path}, which is no ${kind}`] : [];
  });
}
