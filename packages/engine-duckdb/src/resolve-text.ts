import {
  type CsvFormat,
  type FileLayout,
  isNested,
  MlforgeError,
  type NamedColumn,
  type NdjsonFormat,
  type Scan,
  typeText,
} from "@mlforge/spec";
import { detectTimes } from "./detect-times.js";
import { duckdb } from "./dialect/duckdb.js";
import { unreadable } from "./engine-error.js";
import { inferKinds } from "./infer-kinds.js";
import { exactPattern } from "./local-path.js";
import { missingColumn } from "./missing-column.js";
import { NativeError } from "./native-error.js";
import { schemaMismatch } from "./schema-mismatch.js";
import type { Session } from "./session.js";
import type { SourceColumn } from "./source-columns.js";
import type { CsvFacts } from "./text/csv-scanner.js";
import { jsonKinds } from "./text/json-number.js";
import { malformedJson } from "./text/malformed-json.js";
import type { NdjsonFacts } from "./text/ndjson-scanner.js";
import { textError } from "./text/text-error.js";
import type { TextFile } from "./text/text-files.js";

/** A scan of text files, and the paths that DuckDB reads, in the order of the files. */
export interface ResolvedText {
  readonly scan: Scan;
  readonly unsupported: readonly SourceColumn[];
  readonly reads: readonly string[];
}

/** Reads the files of a CSV scan once from start to end, and finds their layouts and, if undeclared, their columns. */
export async function resolveCsv(scan: Scan, format: CsvFormat, paths: readonly string[], session: Session): Promise<ResolvedText> {
  const files: CsvFile[] = [];
  const texts: TextFile<CsvFacts>[] = [];
  for (const path of paths) {
    const file = await session.texts
      .csv(path, format, session)
      .catch(async (error: unknown) => Promise.reject(await textError(error, { source: scan.source, path, format }, session.texts)));
    texts.push(file);
    files.push({ path, read: file.path, header: file.header, cells: cellsOf(format, file.facts.cells, scan.columns) });
  }
  const problems = files.flatMap((file) => layoutProblems(scan, format, file));
  if (problems.length > 0) throw schemaMismatch(scan, problems);
  const readable = { ...scan, paths: files.map(({ read }) => exactPattern(read)), layouts: layoutsOf(files) };
  await session.texts
    .expectCount(texts, () => countRecords(readable, session))
    .catch((error: unknown) => {
      throw unreadable({ source: scan.source, path: paths.join(", ") }, error);
    });
  const names = files[0]?.cells ?? [];
  const resolved = await withKinds(readable, names, session);
  return { ...resolved, reads: readable.paths };
}

/** Checks that DuckDB reads every record. It has read files as empty because it detected the wrong line ending. */
async function countRecords(scan: Scan, session: Session): Promise<number> {
  const source = duckdb.source({ ...scan, columns: [], partitions: undefined });
  const reader = await session.run((connection) => connection.runAndReadAll(`SELECT CAST(count(*) AS VARCHAR) FROM (${source}) AS t`));
  return Number(reader.getRowsJson()[0]?.[0]);
}

interface CsvFile {
  readonly path: string;
  readonly read: string;
  readonly header: boolean;
  readonly cells: readonly string[];
}

/** Returns the names of the cells: from the header, or else as declared, or else by position. */
function cellsOf({ header = true }: CsvFormat, found: readonly string[], declared: Scan["columns"]): readonly string[] {
  if (header) return found;
  return found.map((_, index) => declared?.[index]?.name ?? `column${index}`);
}

function layoutProblems(scan: Scan, format: CsvFormat, { path, cells }: CsvFile): readonly string[] {
  const { columns } = scan;
  if (format.header === false && columns !== undefined) {
    const counts = `${path} has ${cells.length} columns, ${columns.length} are declared`;
    return cells.length === columns.length ? [] : [counts];
  }
  if (columns === undefined) {
    const nameless = cells.flatMap((name, index) => (name === "" ? [`cell ${index + 1} of the header of ${path} has no name`] : []));
    const broken = cells
      .filter((name) => name.includes("\0"))
      .map((name) => `the name ${JSON.stringify(name)} in the header of ${path} has a NUL character`);
    const alike = cells.filter(
      (name, index) => name !== "" && cells.findIndex((other) => other.toLowerCase() === name.toLowerCase()) < index,
    );
    return [...nameless, ...broken, ...alike.map((name) => `the header of ${path} has the name "${name}" twice, or in another case`)];
  }
  return columns.flatMap(({ name }) => {
    const count = cells.filter((cell) => cell === name).length;
    if (count === 0) return [missingColumn(name, path, cells)];
    return count === 1 ? [] : [`the header of ${path} has the name "${name}" ${count} times`];
  });
}

/** Runs of files with the same cells. */
function layoutsOf(files: readonly CsvFile[]): readonly FileLayout[] {
  const layouts: { paths: string[]; cells: readonly string[]; header: boolean }[] = [];
  for (const { read, cells, header } of files) {
    const last = layouts.at(-1);
    const isSame =
      last?.header === header && last.cells.length === cells.length && cells.every((cell, index) => cell === last.cells[index]);
    if (isSame) last.paths.push(exactPattern(read));
    else layouts.push({ paths: [exactPattern(read)], cells, header });
  }
  return layouts;
}

/** Reads the files of an NDJSON scan once from start to end, and finds their keys and, if undeclared, the kinds of their values. */
export async function resolveNdjson(scan: Scan, format: NdjsonFormat, paths: readonly string[], session: Session): Promise<ResolvedText> {
  const reads: string[] = [];
  const all: { readonly path: string; readonly keys: NdjsonFacts["keys"] }[] = [];
  for (const path of paths) {
    const isExact = ({ keys }: NdjsonFacts): boolean =>
      scan.columns?.every((column) => isRead(column, keys.get(column.name) ?? 0)) ?? ![...keys.values()].some(isAltered);
    const file = await session.texts
      .ndjson(path, format, isExact, session)
      .catch(async (error: unknown) => Promise.reject(await textError(error, { source: scan.source, path, format }, session.texts)));
    reads.push(exactPattern(file.path));
    all.push({ path, keys: file.facts.keys });
  }
  const readable = { ...scan, paths: reads };
  const orMalformed = <T>(looking: Promise<T>): Promise<T> =>
    looking.catch(async (error: unknown) => {
      if (!(error instanceof NativeError)) throw error;
      for (const path of paths) {
        const malformed = await malformedJson({ source: scan.source, path, format }, session.texts);
        if (malformed !== undefined) throw malformed;
      }
      throw unreadable({ source: scan.source, path: paths.join(", ") }, error);
    });
  if (scan.columns !== undefined) {
    const problems = scan.columns.flatMap((column) => keyProblems(column, all));
    if (problems.length > 0) throw schemaMismatch(scan, problems);
    return { ...(await orMalformed(withKinds(readable, [], session))), reads };
  }
  const kinds = new Map<string, number>();
  for (const { keys } of all) for (const [name, bits] of keys) kinds.set(name, (kinds.get(name) ?? 0) | bits);
  if (kinds.size === 0) throw noKeys(scan, paths);
  const problems = namesAlike(all);
  if (problems.length > 0) throw schemaMismatch(scan, problems);
  return { ...(await orMalformed(withJsonKinds(readable, kinds, session))), reads };
}

/** Returns true if DuckDB reads values of these kinds exactly, or as exactly as the column holds them. */
function isRead({ kind }: NamedColumn, bits: number): boolean {
  if (kind === "float32" || kind === "float64" || kind === "boolean") return true;
  if (kind === "int32" || kind === "int64") return (bits & jsonKinds.inexact) === 0;
  return !isAltered(bits);
}

function isAltered(bits: number): boolean {
  return (bits & (jsonKinds.raw | jsonKinds.inexact)) !== 0;
}

function keyProblems(
  { name, ...type }: NamedColumn,
  files: readonly { readonly path: string; readonly keys: NdjsonFacts["keys"] }[],
): readonly string[] {
  return files.flatMap(({ path, keys }) => {
    const bits = keys.get(name);
    if (bits === undefined) return [missingColumn(name, path, [...keys.keys()])];
    const holdsNested = isNested(type) || type.kind === "json" || type.kind === "string";
    const hasNested = (bits & jsonKinds.nested) !== 0;
    return hasNested && !holdsNested ? [`column "${name}" has arrays or objects in ${path}, which ${typeText(type)} does not hold`] : [];
  });
}

function noKeys({ source }: Scan, paths: readonly string[]): MlforgeError<"SCHEMA_MISMATCH"> {
  const problem = `no object in ${paths.join(", ")} has a key`;
  const message = `source "${source}" has no columns: ${problem}; write the file again, or take it out of the paths of the source`;
  return new MlforgeError("SCHEMA_MISMATCH", message, { where: `source "${source}"`, problems: [problem] });
}

/** Returns what is wrong with the keys of files, with the first file that has each of them. */
function namesAlike(files: readonly { readonly path: string; readonly keys: NdjsonFacts["keys"] }[]): readonly string[] {
  const paths = new Map<string, string>();
  for (const { path, keys } of files) for (const name of keys.keys()) if (!paths.has(name)) paths.set(name, path);
  const firsts = new Map<string, string>();
  return [...paths].flatMap(([name, path]) => {
    if (name === "") return [`a key is empty, and a column needs a name (${path})`];
    if (name.includes("\0")) return [`the key ${JSON.stringify(name)} has a NUL character (${path})`];
    const other = firsts.get(name.toLowerCase());
    firsts.set(name.toLowerCase(), other ?? name);
    return other === undefined ? [] : [`the keys "${other}" and "${name}" differ in case only (${path})`];
  });
}

/** Returns the scan with its columns, and the encodings of its timestamps. */
async function withKinds(scan: Scan, names: readonly string[], session: Session): Promise<Omit<ResolvedText, "reads">> {
  if (scan.columns === undefined) {
    const kinds = await inferKinds(scan, names, session);
    const columns = names.map((name): NamedColumn => ({ ...(kinds.get(name) ?? { kind: "string" }), name, nullable: true }));
    return { scan: { ...scan, columns, encodings: isoTimes(columns) }, unsupported: [] };
  }
  const times = scan.columns.filter(({ name, kind }) => kind === "timestamp" && !Object.hasOwn(scan.encodings ?? {}, name));
  const encodings = {
    ...(await detectTimes(
      scan,
      times.map(({ name }) => name),
      session,
    )),
    ...scan.encodings,
  };
  return { scan: { ...scan, encodings }, unsupported: [] };
}

/** Returns the encodings of undeclared timestamps, which were inferred because all of them are ISO 8601. */
function isoTimes(columns: readonly NamedColumn[]): NonNullable<Scan["encodings"]> {
  return Object.fromEntries(columns.filter(({ kind }) => kind === "timestamp").map(({ name }) => [name, { kind: "iso" } as const]));
}

/** Infers the columns of NDJSON: numbers by how they are written, strings by what all of them are, arrays and objects as JSON. */
async function withJsonKinds(scan: Scan, keys: ReadonlyMap<string, number>, session: Session): Promise<Omit<ResolvedText, "reads">> {
  const { null: none, boolean, integer, long, float, string, nested } = jsonKinds;
  const texts = [...keys].filter(([, bits]) => (bits & ~none) === string).map(([name]) => name);
  const times = await inferKinds(scan, texts, session);
  const columns: NamedColumn[] = [];
  const unsupported: SourceColumn[] = [];
  for (const [name, bits] of keys) {
    const only = (kinds: number): boolean => (bits & ~(kinds | none | jsonKinds.raw)) === 0 && bits !== none;
    const time = times.get(name)?.kind;
    // The numbers inside count too.
    if ((bits & nested) !== 0 && only(nested | jsonKinds.inexact)) columns.push({ name, kind: "json", nullable: true });
    else if ((bits & nested) !== 0) unsupported.push({ name, type: "JSON", kind: undefined });
    else if (only(boolean)) columns.push({ name, kind: "boolean", nullable: true });
    else if (only(integer | long)) columns.push({ name, kind: "int64", nullable: true });
    else if (only(integer | float)) columns.push({ name, kind: "float64", nullable: true });
    else columns.push({ name, kind: time === "date" || time === "timestamp" ? time : "string", nullable: true });
  }
  return { scan: { ...scan, columns, encodings: isoTimes(columns) }, unsupported };
}
