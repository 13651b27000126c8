import { isMlforgeError, isSameType, type MlforgeError, type NamedColumn, type Schema } from "@mlforge/spec";
import { scanOf, schemaFrom } from "../define/scan-of.js";
import type { AnySource } from "../define/source.js";
import { encodingsOf } from "../define/time-encoding.js";
import { bindSources } from "../sources/bind-sources.js";
import type { BuildContext } from "../sources/context.js";
import { describeSource } from "../sources/describe-source.js";
import { readsQuery } from "../sources/query-columns.js";
import { findSourceFiles } from "../sources/source-files.js";
import { describeQuerySource } from "./describe-query.js";
import type { ColumnDifference, DescribedSource, SourceColumn } from "./described-source.js";

/** A source whose files could not be described. */
export interface FailedSource {
  readonly source: string;
  readonly error: MlforgeError;
}

export interface SourceReport {
  readonly described: readonly DescribedSource[];
  readonly failed: readonly FailedSource[];
}

/** Describes each source by its files. Failures are returned beside the described sources. */
export async function describeSources(
  sources: readonly AnySource[],
  context: BuildContext,
  signal: AbortSignal | undefined,
): Promise<SourceReport> {
  const described = [];
  const failed = [];
  for (const source of sources) {
    try {
      described.push(await (readsQuery(source) ? describeQuerySource(source, signal) : describe(source, context, signal)));
    } catch (error) {
      signal?.throwIfAborted();
      if (!isMlforgeError(error)) throw error;
      failed.push({ source: source.name, error });
    }
  }
  return { described, failed };
}

async function describe(source: AnySource, context: BuildContext, signal: AbortSignal | undefined): Promise<DescribedSource> {
  // Partition columns are declared separately and are in no file.
  const inFolders = Object.keys(source.partitions ?? {});
  const files = await findSourceFiles(source, context, signal);
  const { columns: all, unsupported } = await describeSource(source, files, context, signal);
  const found = all.filter(({ name }) => !inFolders.includes(name));
  const omitted = unsupported.map(({ name, type }) => ({ source: source.name, column: name, type }));
  const declared = source.columns === undefined ? undefined : schemaFrom(source.columns);
  if (declared === undefined) return { source: source.name, declares: false, columns: found, omitted, differences: [], passed: true };
  const real = isNameless(source) ? named(found, declared) : found;
  const compared: ColumnDifference[] = [];
  for (const column of declared) {
    const other = real.find(({ name }) => name === column.name);
    if (other === undefined || !isSameKind(column, other)) compared.push(await compare(source, column, other, context, signal));
  }
  const extra = real.filter(({ name }) => !declared.some((column) => column.name === name));
  return {
    source: source.name,
    declares: true,
    columns: writtenColumns(source, declared, real, compared),
    omitted: omitted.filter(({ column }) => !declared.some(({ name }) => name === column)),
    differences: [
      ...compared,
      ...extra.map((each) => ({ column: each.name, difference: "extra", declared: undefined, found: each, message: undefined }) as const),
    ],
    passed: compared.every(({ difference }) => difference === "read_as"),
  };
}

/**
 * Finds declared columns that the files do not have, have with another kind, or have with a type that no kind can hold. Objects in NDJSON, for
 * example, can be read as text.
 */
async function compare(
  source: AnySource,
  declared: NamedColumn,
  found: NamedColumn | undefined,
  context: BuildContext,
  signal: AbortSignal | undefined,
): Promise<ColumnDifference> {
  const message = await readProblem(source, declared, context, signal);
  const difference = message === undefined ? "read_as" : found === undefined ? "missing" : "kind";
  return { column: declared.name, difference, declared, found, message };
}

/**
 * Returns the columns of the files, followed by those that no kind can hold but that can be read. Uses the declared kind if the column can be read as
 * declared.
 */
function writtenColumns(
  { columns = {} }: AnySource,
  declared: Schema,
  real: Schema,
  compared: readonly ColumnDifference[],
): readonly SourceColumn[] {
  const { encodings = {} } = encodingsOf(columns);
  const fails = (name: string): boolean => compared.some(({ column, difference }) => column === name && difference !== "read_as");
  const also = declared.filter(({ name }) => !real.some((column) => column.name === name) && !fails(name));
  return [...real, ...also].map((column) => {
    const stated = declared.find(({ name }) => name === column.name);
    if (stated === undefined || fails(column.name)) return column;
    const encoding = Object.hasOwn(encodings, column.name) ? encodings[column.name] : undefined;
    return encoding === undefined ? stated : { ...stated, encoding };
  });
}

function isNameless({ format }: AnySource): boolean {
  return format.kind === "csv" && format.header === false;
}

/** Files without column names have the declared names, by position. */
function named(found: Schema, declared: Schema): Schema {
  return found.map((column, place) => ({ ...column, name: declared[place]?.name ?? column.name }));
}

function isSameKind({ name: _, ...one }: NamedColumn, { name: __, ...other }: NamedColumn): boolean {
  return isSameType(one, other);
}

const sampleRows = 20_480;

/** Returns why a column cannot be read as declared, or undefined if it can. If kinds are only inferred from text, reads a sample. */
async function readProblem(
  source: AnySource,
  column: NamedColumn,
  context: BuildContext,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { engine } = context;
  if (engine === undefined) return `the files have no column with this name and kind; correct the declared columns`;
  const files = new Map([[source.name, await findSourceFiles(source, context, signal)]]);
  // Files without column names are read with all declared columns.
  const read = isNameless(source)
    ? Object.entries(source.columns ?? {})
    : [[column.name, source.columns?.[column.name] ?? column] as const];
  const columns = Object.fromEntries(read);
  const input = bindSources(scanOf({ ...source, columns, partitions: undefined }, schemaFrom(columns)), files);
  try {
    for await (const _ of engine.run({ op: "limit", input, count: sampleRows }, { signal }));
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (isMlforgeError(error, "SCHEMA_MISMATCH", "TIMESTAMP_AMBIGUOUS", "SOURCE_UNREADABLE", "TRANSFORM_FAILED", "ARITHMETIC_OVERFLOW"))
      return error.message;
    throw error;
  }
}
