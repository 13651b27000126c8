import { encodingOf, MlforgeError, type NamedColumn, partitionPattern, type Scan, type Schema, typeText } from "@mlforge/spec";
import { hasMap, type Kind, nativeType } from "@mlforge/sql";
import { holds } from "./column-kind.js";
import { detectTimes } from "./detect-times.js";
import { type SourceFile, unreadable } from "./engine-error.js";
import { exactPattern, localPath, withoutPattern } from "./local-path.js";
import { missingColumn } from "./missing-column.js";
import { resolveCsv, resolveNdjson } from "./resolve-text.js";
import { schemaMismatch } from "./schema-mismatch.js";
import type { Session } from "./session.js";
import { type SourceColumn, sourceColumns } from "./source-columns.js";

/** A scan that DuckDB can read: its columns stated and found in every file, its paths as DuckDB takes them. */
export interface ResolvedScan {
  readonly scan: Scan;
  readonly unsupported: readonly SourceColumn[];
  readonly sources: readonly SourceFile[];
}

/** @throws SOURCE_UNREADABLE, SCHEMA_MISMATCH with everything wrong in every file, CAPABILITY_MISSING */
export async function resolveScan(scan: Scan, session: Session): Promise<ResolvedScan> {
  const { partitions = [] } = scan;
  for (const url of scan.paths) expectFolders(scan, localPath(url));
  const {
    scan: resolved,
    unsupported,
    reads,
  } = await resolveFiles({ ...scan, columns: scan.columns && without(scan.columns, partitions), partitions: undefined }, session);
  const sources = scan.paths.map(localPath).map((path, index) => {
    const read = reads[index] ?? path;
    const layouts = resolved.layouts?.filter(({ paths }) => paths.includes(read)).map((layout) => ({ ...layout, paths: [read] }));
    return { source: scan.source, path, read: withoutPattern(read), scan: { ...resolved, paths: [read], layouts } };
  });
  if (partitions.length === 0) return { scan: resolved, unsupported, sources };
  const columns = scan.columns ?? [...without(resolved.columns ?? [], partitions), ...partitions];
  return { scan: { ...resolved, columns, partitions }, unsupported: without(unsupported, partitions), sources };
}

/** The columns that are in files. DuckDB does not tell `a` from `A`, so that a folder stands for both. */
function without<C extends { readonly name: string }>(columns: readonly C[], partitions: Schema): readonly C[] {
  const names = new Set(partitions.map(({ name }) => name.toLowerCase()));
  return columns.filter(({ name }) => !names.has(name.toLowerCase()));
}

function expectFolders({ source, partitions = [] }: Scan, path: string): void {
  for (const { name } of partitions) {
    if (new RegExp(`[/\\\\]${partitionPattern(name)}[/\\\\]`).test(path)) continue;
    const message = `source "${source}": ${path} is in no folder ${name}=...; correct the path or the partitions of the source`;
    throw new MlforgeError("SOURCE_UNREADABLE", message, { source, path });
  }
}

/** As {@link resolveScan}, of what is in the files alone. */
async function resolveFiles(scan: Scan, session: Session): Promise<Omit<ResolvedScan, "sources"> & { readonly reads: readonly string[] }> {
  const paths = scan.paths.map(localPath);
  if (scan.format.kind === "csv") return resolveCsv(scan, scan.format, paths, session);
  if (scan.format.kind === "ndjson") return resolveNdjson(scan, scan.format, paths, session);
  const reads = paths.map(exactPattern);
  const readable = { ...scan, paths: reads };
  const files: DescribedFile[] = [];
  for (const path of paths) files.push({ path, columns: await columnsOf({ ...scan, paths: [exactPattern(path)] }, path, session) });
  if (scan.columns !== undefined) {
    const problems = [];
    for (const file of files) problems.push(...declarationProblems(scan, scan.columns, file));
    refuse(scan, problems);
    const texts = scan.columns.filter((column) => isTextTime(scan, column, files)).map(({ name }) => name);
    const encodings = { ...(await detectTimes(readable, texts, session)), ...scan.encodings };
    return { scan: { ...readable, encodings, ...nativeTypes(files) }, unsupported: [], reads };
  }
  const [first, ...others] = files;
  const found = first?.columns ?? [];
  const merged = found.map((column) => merge(column, others));
  refuse(
    scan,
    merged.flatMap(({ problems }) => problems),
  );
  const columns = merged.flatMap(({ name, kind }) => (kind === undefined ? [] : [{ ...kind, name, nullable: true }]));
  return { scan: { ...readable, columns, ...nativeTypes(files) }, unsupported: found.filter(({ kind }) => kind === undefined), reads };
}

/** The types of columns that have maps in them, which DuckDB does not cast. */
function nativeTypes([first]: readonly DescribedFile[]): Pick<Scan, "nativeTypes"> {
  const maps = first?.columns.filter(({ type }) => type.includes("MAP(") && hasMap(nativeType(type))) ?? [];
  return maps.length === 0 ? {} : { nativeTypes: Object.fromEntries(maps.map(({ name, type }) => [name, type])) };
}

interface DescribedFile {
  readonly path: string;
  readonly columns: readonly SourceColumn[];
}

async function columnsOf(scan: Scan, path: string, session: Session): Promise<readonly SourceColumn[]> {
  try {
    return await sourceColumns(scan, session);
  } catch (error) {
    throw unreadable({ source: scan.source, path }, error);
  }
}

function refuse(scan: Scan, problems: readonly string[]): void {
  if (problems.length > 0) throw schemaMismatch(scan, problems);
}

function declarationProblems(scan: Scan, declared: readonly NamedColumn[], file: DescribedFile): readonly string[] {
  return declared.flatMap((column) => {
    const found = file.columns.find(({ name }) => name === column.name);
    return found === undefined ? [missing(column.name, file)] : kindProblems(scan, column, found, file.path);
  });
}

/** Whether this is a timestamp whose encoding is neither stated nor plain from the types in the files. */
function isTextTime(scan: Scan, { name, kind }: NamedColumn, files: readonly DescribedFile[]): boolean {
  if (kind !== "timestamp" || Object.hasOwn(scan.encodings ?? {}, name)) return false;
  const found = files.map((file) => file.columns.find((column) => column.name === name)?.kind?.kind);
  const texts = found.filter((each) => each === "string").length;
  if (texts > 0 && texts < found.length) refuse(scan, [`column "${name}" is text in some files and a timestamp in others`]);
  return texts > 0;
}

function kindProblems(scan: Scan, column: NamedColumn, found: SourceColumn, path: string): readonly string[] {
  if (column.kind === "timestamp") return timeProblems(scan, column, found, path);
  const fits = found.kind !== undefined && holds(column, found.kind);
  return fits ? [] : [`column "${column.name}" is ${found.type} in ${path}, which ${typeText(column)} does not hold`];
}

function timeProblems(scan: Scan, { name, ...column }: NamedColumn, { kind: found, type }: SourceColumn, path: string): readonly string[] {
  const encoding = encodingOf(scan, name);
  const isInteger = found !== undefined && (["int32", "int64"].includes(found.kind) || (found.kind === "decimal" && found.scale === 0));
  const isText = found?.kind === "string";
  const at = `column "${name}" is ${type} in ${path}`;
  if (encoding?.kind === "epoch") return isInteger || isText ? [] : [`${at}, which counts nothing; declare it without a unit`];
  if (encoding !== undefined) return isText ? [] : [`${at}, which is no text; declare it without a format`];
  if (isInteger) return [`${at}; say what it counts, for example t.timestamp({ unit: "s" })`];
  return isText || (found !== undefined && holds(column, found)) ? [] : [`${at}, which timestamp does not hold`];
}

function missing(name: string, { path, columns }: DescribedFile): string {
  return missingColumn(
    name,
    path,
    columns.map((column) => column.name),
  );
}

/** The kind of an undeclared column in all files. */
function merge(
  first: SourceColumn,
  others: readonly DescribedFile[],
): { readonly name: string; readonly kind: Kind | undefined; readonly problems: readonly string[] } {
  let kind = first.kind;
  const problems = [];
  for (const file of others) {
    const found = file.columns.find(({ name }) => name === first.name);
    if (found === undefined) {
      problems.push(missing(first.name, file));
      continue;
    }
    const both = kind === undefined || found.kind === undefined ? undefined : widest(kind, found.kind);
    if (both === undefined && kind !== undefined)
      problems.push(`column "${first.name}" is ${found.type} in ${file.path}, ${first.type} elsewhere`);
    kind = both ?? kind;
  }
  return { name: first.name, kind, problems };
}

function widest(a: Kind, b: Kind): Kind | undefined {
  if (holds(a, b)) return a;
  return holds(b, a) ? b : undefined;
}
