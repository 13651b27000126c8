import { basename } from "node:path";
import { type ParquetColumns, parquetColumns, textColumns } from "@mlforge/core";
import { isMlforgeError, MlforgeError, type SourceFormat } from "@mlforge/spec";
import type { EngineLoader } from "../../engine-loader.js";

/** The columns of a file that a source can declare. */
export interface FileColumns extends ParquetColumns {
  /** The format to declare. Undefined if it follows from the name of the file. */
  readonly format?: SourceFormat | undefined;
  /** True if the types are inferred from the values of a text file. */
  readonly isInferred: boolean;
}

/**
 * Reads the columns of a file that can be declared. CSV and NDJSON need an engine, which reads the whole file.
 *
 * @throws SOURCE_NOT_FOUND, SOURCE_UNREADABLE, SCHEMA_MISMATCH, CAPABILITY_MISSING, USAGE_INVALID
 */
export async function declarableColumns(path: string, loadEngine: EngineLoader, signal: AbortSignal): Promise<FileColumns> {
  const found = await (isText(path) ? readText(path, loadEngine, signal) : readParquet(path, signal));
  if (found.columns.length > 0) return found;
  throw new MlforgeError("USAGE_INVALID", `"${path}" has no columns that a feature can use; choose another file`, { argument: "--from" });
}

function isText(path: string): boolean {
  return /\.(csv|tsv|ndjson|jsonl)(\.(gz|zst))?$/i.test(basename(path));
}

async function readParquet(path: string, signal: AbortSignal): Promise<FileColumns> {
  if (/\.parquet$/i.test(path)) return { ...(await parquetColumns(path, { signal })), isInferred: false };
  try {
    return { ...(await parquetColumns(path, { signal })), format: { kind: "parquet" }, isInferred: false };
  } catch (error) {
    if (!isMlforgeError(error, "SOURCE_UNREADABLE")) throw error;
    const message = `${error.message}; the name of a text file must end in .csv, .tsv, .ndjson, or .jsonl`;
    throw new MlforgeError("SOURCE_UNREADABLE", message, error.details, { cause: error });
  }
}

async function readText(path: string, loadEngine: EngineLoader, signal: AbortSignal): Promise<FileColumns> {
  await using engine = await loadEngine();
  const { format, ...found } = await textColumns(path, { engine, signal });
  const isStated =
    format.encoding !== undefined || (format.kind === "csv" && format.delimiter !== undefined && !/\.tsv\b/i.test(basename(path)));
  return { ...found, format: isStated ? format : undefined, isInferred: true };
}
