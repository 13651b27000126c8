import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type CallOptions,
  type CsvFormat,
  column,
  type Engine,
  isMlforgeError,
  MlforgeError,
  type NdjsonFormat,
  type Scan,
  type Schema,
} from "@mlforge/spec";
import { DefinitionIssues } from "../define/definition-issues.js";
import { formatOf } from "../define/source-format.js";
import type { ParquetColumns } from "./parquet-columns.js";
import { textDialect } from "./text-dialect.js";

/** The columns of a CSV or NDJSON file, and the format to declare with them. */
export interface TextColumns extends ParquetColumns {
  readonly format: CsvFormat | NdjsonFormat;
}

export interface TextColumnsOptions extends CallOptions {
  /** The engine that reads the file. */
  readonly engine: Engine;
}

/**
 * Returns the columns of a local CSV or NDJSON file, to declare in a source. Their types represent every value of the file exactly.
 *
 * Reads the whole file. Recognizes the delimiters `,`, `;`, `|`, and tab, and UTF-16 with a byte order mark. Columns without any value are omitted,
 * because their types are unknown.
 *
 * @throws SOURCE_NOT_FOUND; SOURCE_UNREADABLE, also if the first line is not a header or the file has no rows; SCHEMA_MISMATCH if the names of its columns
 * cannot be used
 *
 * @example
 * const { columns, format } = await textColumns("data/flights.csv", { engine: new DuckDBEngine() });
 */
export async function textColumns(path: string, { engine, signal }: TextColumnsOptions): Promise<TextColumns> {
  const source = basename(path);
  const refuse = (why: string, cause?: unknown): MlforgeError<"SOURCE_UNREADABLE"> =>
    new MlforgeError("SOURCE_UNREADABLE", `"${path}" ${why}`, { source, path }, { cause });
  const known = knownFormat(path);
  if (known === undefined)
    throw refuse("is not a CSV or NDJSON file: its name must end in .csv, .tsv, .ndjson, or .jsonl, and can add .gz or .zst");
  signal?.throwIfAborted();
  const format = await statedFormat(path, known, refuse);
  const scan: Scan = { op: "scan", source, format, paths: [pathToFileURL(resolve(path)).href] };
  const described = await engine.describe(scan, { signal });
  if (format.kind === "csv") {
    const values = described.columns.filter(({ name }) => looksLikeValue(name)).map(({ name }) => JSON.stringify(name));
    if (values.length > 0)
      throw refuse(`has no header: its first line holds ${values.slice(0, 3).join(", ")}; write the column names into the first line`);
    const [only, ...others] = described.columns;
    if (only !== undefined && others.length === 0 && /[;|\t]/.test(only.name))
      throw refuse(
        `has only the column ${JSON.stringify(only.name)}; if it has another delimiter, decompress it, so that mlforge can detect it`,
      );
  }
  const empty = await emptyColumns(scan, described.columns, engine, signal);
  if (empty === undefined) throw refuse("has no rows, so the types of its columns are unknown; pass a file with rows");
  return {
    format,
    columns: described.columns.filter(({ name }) => !empty.includes(name)),
    omitted: [...described.unsupported, ...empty.map((name) => ({ name, type: "a column without values" }))],
  };
}

/** Completes the format of a file from its first line. */
async function statedFormat(
  path: string,
  format: CsvFormat | NdjsonFormat,
  refuse: (why: string, cause?: unknown) => MlforgeError,
): Promise<CsvFormat | NdjsonFormat> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw refuse("is not a file; pass the path of one file");
    if (found.size === 0) throw refuse("is empty (0 bytes); pass a file with rows");
    // Compressed files are not examined.
    return format.kind === "csv" && format.compression === undefined ? await textDialect(path, format, refuse) : format;
  } catch (error) {
    if (isMlforgeError(error)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const isMissing = error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
    if (!isMissing) throw refuse(`cannot be read: ${why}`, error);
    throw new MlforgeError("SOURCE_NOT_FOUND", `there is no file at "${path}"`, { source: basename(path), path }, { cause: error });
  }
}

function knownFormat(path: string): CsvFormat | NdjsonFormat | undefined {
  const format = formatOf([path], undefined, "source", new DefinitionIssues());
  return format === undefined || format.kind === "parquet" ? undefined : format;
}

/** Returns true for numbers, dates, and placeholders, which are not column names. */
function looksLikeValue(name: string): boolean {
  return (
    /^\s*[+-]?(\d[\d.,]*|[.,]\d+)(e[+-]?\d+)?\s*$/i.test(name) ||
    /^\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(\D|$)/.test(name) ||
    /^\s*(true|false|null|nan|\\N)\s*$/i.test(name)
  );
}

const columnsAtOnce = 200;

/** Returns the columns that have only nulls, or undefined if there are no rows. Checks `string` columns: other kinds were inferred from values. */
async function emptyColumns(
  scan: Scan,
  columns: Schema,
  engine: Engine,
  signal: AbortSignal | undefined,
): Promise<readonly string[] | undefined> {
  const texts = columns.filter(({ kind }) => kind === "string");
  const empty: string[] = [];
  for (let from = 0; from < texts.length; from += columnsAtOnce) {
    const part = texts.slice(from, from + columnsAtOnce);
    const counts = [
      { name: "rows", value: { function: "count" } } as const,
      ...part.map(({ name }, index) => ({ name: `values${index}`, value: { function: "count", input: column(name) } }) as const),
    ];
    const input: Scan = { ...scan, columns: part };
    for await (const batch of engine.run({ op: "aggregate", input, keys: [], aggregates: counts }, { signal })) {
      const count = (name: string): number => Number(batch.getChild(name)?.get(0) ?? 0);
      if (batch.numRows === 0) continue;
      if (count("rows") === 0) return undefined;
      empty.push(...part.filter((_, index) => count(`values${index}`) === 0).map(({ name }) => name));
    }
  }
  return empty;
}
