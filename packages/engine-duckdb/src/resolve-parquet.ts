import { MlforgeError, type NamedColumn, type Scan, type Schema, typeText } from "@mlforge/spec";
import type { Kind } from "@mlforge/sql";
import { holds } from "./column-kind.js";
import { detectTimes } from "./detect-times.js";
import { inexactValue, type ParquetPart, type ParquetScan } from "./dialect/parquet.js";
import { exactPattern } from "./local-path.js";
import { missingColumn } from "./missing-column.js";
import { nullType, type ParquetColumn, type ParquetShape, parquetShapes } from "./parquet-shapes.js";
import { schemaMismatch } from "./schema-mismatch.js";
import type { Session } from "./session.js";

export interface ResolvedParquet {
  readonly scan: ParquetScan;
  /** Returns the scan of one file, by its place among the paths. */
  readonly scanOfFile: (index: number) => ParquetScan;
  /** Columns of an undeclared scan that no kind can hold. */
  readonly unsupported: readonly { readonly name: string; readonly type: string }[];
  /** The paths in DuckDB's form. */
  readonly reads: readonly string[];
}

/**
 * Reads the footers of Parquet files, and combines their columns by name.
 *
 * @param paths the paths of the scan on this machine
 * @throws SOURCE_UNREADABLE, SCHEMA_MISMATCH with all problems of all files
 */
export async function resolveParquet(scan: Scan, paths: readonly string[], session: Session): Promise<ResolvedParquet> {
  const shapes = await parquetShapes(scan, paths, session);
  const distinct = [...new Set(shapes)];
  const { columns, unsupported, problems } = scan.columns === undefined ? unite(distinct) : check(scan, scan.columns, distinct);
  refuse(scan, problems);
  const readable = { ...scan, columns, paths: paths.map(exactPattern) };
  const times = await detectTimes(readable, textTimes(scan, columns, distinct), session);
  const encoded = { ...readable, encodings: { ...times, ...scan.encodings } };
  const scanOfFile = (index: number): ParquetScan => {
    const path = readable.paths.slice(index, index + 1);
    return { ...encoded, paths: path, parts: partsOf(path, shapes.slice(index, index + 1), columns) };
  };
  return { scan: { ...encoded, parts: partsOf(readable.paths, shapes, columns) }, scanOfFile, unsupported, reads: readable.paths };
}

/** Returns the timestamps that are not adjusted to UTC in any file of a scan. */
export function localTimestamps({ columns = [], parts }: ParquetScan): readonly string[] {
  const isLocal = (name: string): boolean => {
    const types = parts.flatMap(({ types: found }) => found.get(name) ?? []);
    return types.length > 0 && types.every((type) => type.startsWith("TIMESTAMP") && !type.endsWith("TIME ZONE"));
  };
  return columns.filter(({ name, kind }) => kind === "timestamp" && isLocal(name)).map(({ name }) => name);
}

interface Fit {
  readonly columns: Schema;
  readonly unsupported: ResolvedParquet["unsupported"];
  readonly problems: readonly string[];
}

/** Checks declared columns: each must be in at least one file, and in every file if it cannot be null. */
function check(scan: Scan, columns: Schema, shapes: readonly ParquetShape[]): Fit {
  const problems = columns.flatMap((column) => {
    const isSomewhere = shapes.some((shape) => find(shape, column.name) !== undefined);
    return shapes.flatMap((shape) => {
      const [first, second] = alike(column.name, shape);
      if (first !== undefined && second !== undefined) return [ambiguous(first, second, shape)];
      if (first?.name === column.name) return kindProblems(scan, column, first, shape.path);
      if (first !== undefined || !isSomewhere) return [missing(column.name, shape)];
      return column.nullable ? [] : [`${missing(column.name, shape)}, and the column is declared without nulls`];
    });
  });
  return { columns, unsupported: [], problems };
}

/** Returns the columns of all files, in the order in which they first occur. */
function unite(shapes: readonly ParquetShape[]): Fit {
  const names = new Set(shapes.flatMap((shape) => shape.columns.map(({ name }) => name)));
  const columns: NamedColumn[] = [];
  const unsupported: { name: string; type: string }[] = [];
  const problems: string[] = [];
  for (const name of names) {
    const shape = shapes.find((each) => find(each, name) !== undefined);
    const problem = (shape && nameProblem(name, shape)) ?? shapes.flatMap((each) => clashes(name, each)).at(0);
    if (problem !== undefined) {
      // Both names of a pair find it.
      if (!problems.includes(problem)) problems.push(problem);
      continue;
    }
    const found = shapes.flatMap((shape) => {
      const column = find(shape, name);
      return column === undefined || column.type === nullType ? [] : [{ column, path: shape.path }];
    });
    const [first, ...others] = found;
    // Only nulls, and no file states the type.
    let kind: Kind | undefined = first === undefined ? { kind: "string" } : first.column.kind;
    for (const { column, path } of others) {
      const both = kind === undefined || column.kind === undefined ? undefined : widest(kind, column.kind);
      if (both === undefined && first !== undefined && !(kind === undefined && column.kind === undefined))
        problems.push(`column "${name}" is ${first.column.type} in ${first.path}, and ${column.type} in ${path}`);
      kind = both ?? kind;
    }
    if (kind !== undefined) columns.push({ ...kind, name, nullable: true });
    else if (first !== undefined) unsupported.push({ name, type: first.column.type });
  }
  if (columns.length === 0 && problems.length === 0) {
    const types = unsupported.map(({ name, type }) => `column "${name}" is ${type}`);
    problems.push(`${shapes[0]?.path} has no column that can be read${types.length === 0 ? "" : `: ${types.join(", ")}`}`);
  }
  return { columns, unsupported, problems };
}

function find(shape: ParquetShape, name: string): ParquetColumn | undefined {
  return alike(name, shape).find((column) => column.name === name);
}

function alike(name: string, shape: ParquetShape): readonly ParquetColumn[] {
  return shape.alike.get(name.toLowerCase()) ?? [];
}

function ambiguous(first: ParquetColumn, second: ParquetColumn, { path }: ParquetShape): string {
  const names = first.name === second.name ? `two columns "${first.name}"` : `the columns "${first.name}" and "${second.name}"`;
  return `${path} has ${names}, whose names do not differ by more than case; rename one of them`;
}

/** Returns what is wrong with a name itself. */
function nameProblem(name: string, { path, columns }: ParquetShape): string | undefined {
  if (name === "") return `column ${columns.findIndex((column) => column.name === "") + 1} of ${path} has no name`;
  return name.includes("\0") ? `the column ${JSON.stringify(name)} of ${path} has a NUL character in its name` : undefined;
}

function clashes(name: string, shape: ParquetShape): readonly string[] {
  const [first, second] = alike(name, shape);
  if (first !== undefined && second !== undefined) return [ambiguous(first, second, shape)];
  if (first === undefined || first.name === name) return [];
  return [`column "${first.name}" in ${shape.path} differs from "${name}" in other files only in case; rename one of them`];
}

function kindProblems(scan: Scan, column: NamedColumn, found: ParquetColumn, path: string): readonly string[] {
  if (found.type === nullType) return [];
  if (column.kind === "timestamp") return timeProblems(scan, column, found, path);
  return admits(column, found) ? [] : [`column "${column.name}" is ${found.type} in ${path}, which ${typeText(column)} does not hold`];
}

/** Returns true if a column of the kind `to` holds the values of a type, or at least its exact values. */
function admits(to: Kind, { type, kind }: ParquetColumn): boolean {
  return kind !== undefined && (holds(to, kind) || inexactValue("v", type, to) !== undefined);
}

function timeProblems(scan: Scan, { name, ...column }: NamedColumn, found: ParquetColumn, path: string): readonly string[] {
  const { kind, type, isNanoseconds } = found;
  const encoding = scan.encodings?.[name];
  const isInteger = kind !== undefined && (["int32", "int64"].includes(kind.kind) || (kind.kind === "decimal" && kind.scale === 0));
  const isText = kind?.kind === "string";
  const at = `column "${name}" is ${type} in ${path}`;
  if (encoding?.kind === "epoch") {
    const isCut = isNanoseconds && encoding.unit === "ns";
    return isInteger || isText || isCut ? [] : [`${at}, and a unit applies to integers only; declare it without a unit`];
  }
  if (encoding !== undefined) return isText ? [] : [`${at}, and a format applies to text only; declare it without a format`];
  if (isInteger) return [`${at}; say what it counts, for example t.timestamp({ unit: "s" })`];
  return isText || (kind !== undefined && holds(column, kind)) ? [] : [`${at}, which timestamp does not hold`];
}

/** Returns the timestamps that are strings without a declared format. */
function textTimes(scan: Scan, columns: Schema, shapes: readonly ParquetShape[]): readonly string[] {
  const texts: string[] = [];
  for (const { name, kind } of columns) {
    if (kind !== "timestamp" || Object.hasOwn(scan.encodings ?? {}, name)) continue;
    const found = shapes.flatMap((shape) => find(shape, name)?.kind?.kind ?? []);
    const isText = found.filter((each) => each === "string");
    if (isText.length > 0 && isText.length < found.length)
      refuse(scan, [`column "${name}" is a string in some files and a timestamp in others`]);
    if (isText.length > 0) texts.push(name);
  }
  return texts;
}

function missing(name: string, shape: ParquetShape): string {
  const { columns, path } = shape;
  const [variant] = alike(name, shape);
  if (variant !== undefined) return `no column "${name}" in ${path}; it has "${variant.name}", and names are case-sensitive`;
  return missingColumn(
    name,
    path,
    columns.map((column) => column.name),
  );
}

function refuse(scan: Scan, problems: readonly string[]): void {
  if (problems.length === 0) return;
  if (scan.columns !== undefined) throw schemaMismatch(scan, problems);
  const where = `source "${scan.source}"`;
  const message = `the columns of ${where} cannot be found: ${problems.join("; ")}; declare the columns to read, or write the files again with other names or types`;
  throw new MlforgeError("SCHEMA_MISMATCH", message, { where, problems });
}

const integers: readonly string[] = ["int32", "int64"];
const floats: readonly string[] = ["float32", "float64"];

/** Returns the kind that holds the exact values of both. If some values are not exact, each value is checked as it is read. */
function widest(a: Kind, b: Kind): Kind | undefined {
  if (holds(a, b)) return a;
  if (holds(b, a)) return b;
  const [one, two] = [digitsOf(a), digitsOf(b)];
  if (one !== undefined && two !== undefined) {
    const scale = Math.max(one.scale, two.scale);
    const precision = Math.max(one.integer, two.integer) + scale;
    return precision > 38 ? undefined : { kind: "decimal", precision, scale };
  }
  const isWhole = (kind: Kind): boolean => digitsOf(kind)?.scale === 0;
  const isFloat = ({ kind }: Kind): boolean => floats.includes(kind);
  return (isWhole(a) && isFloat(b)) || (isFloat(a) && isWhole(b)) ? { kind: "float64" } : undefined;
}

/** Returns the number of digits of a type before and after the point, or `undefined` if it is not fixed. */
function digitsOf({ kind, precision = 38, scale = 0 }: Kind): { readonly integer: number; readonly scale: number } | undefined {
  if (integers.includes(kind)) return { integer: kind === "int32" ? 10 : 19, scale: 0 };
  return kind === "decimal" ? { integer: precision - scale, scale } : undefined;
}

/** Groups files, in order, so that one reader can read each group without a conversion. */
function partsOf(paths: readonly string[], shapes: readonly ParquetShape[], columns: Schema): readonly ParquetPart[] {
  const parts: { paths: string[]; types: Map<string, string>; isUnited: boolean }[] = [];
  const typesOf = new Map([...new Set(shapes)].map((shape) => [shape, neededTypes(shape, columns)]));
  for (const [index, path] of paths.entries()) {
    const shape = shapes[index];
    const types = (shape && typesOf.get(shape)) ?? new Map<string, string>();
    const part = parts.at(-1);
    if (part === undefined || [...types].some(([name, type]) => (part.types.get(name) ?? type) !== type)) {
      parts.push({ paths: [path], types: new Map(types), isUnited: false });
      continue;
    }
    part.paths.push(path);
    const before = part.types.size;
    for (const [name, type] of types) part.types.set(name, type);
    if (part.types.size > before || types.size < part.types.size) part.isUnited = true;
  }
  return parts;
}

function neededTypes(shape: ParquetShape, columns: Schema): ReadonlyMap<string, string> {
  return new Map(
    columns.flatMap(({ name }) => {
      const column = find(shape, name);
      return column === undefined || column.type === nullType ? [] : [[name, column.type]];
    }),
  );
}
