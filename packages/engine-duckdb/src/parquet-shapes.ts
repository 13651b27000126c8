import type { Scan } from "@mlforge/spec";
import type { Kind } from "@mlforge/sql";
import { columnKind } from "./column-kind.js";
import { describeRelation } from "./describe-relation.js";
import { duckdb } from "./dialect/duckdb.js";
import { unreadable } from "./engine-error.js";
import { exactPattern } from "./local-path.js";
import { NativeError } from "./native-error.js";
import type { Session } from "./session.js";

/** The columns of Parquet files with the same schema. */
export interface ParquetShape {
  /** The first of these files. */
  readonly path: string;
  readonly columns: readonly ParquetColumn[];
  /** The columns that DuckDB could take for a name, by the name in lower case. It does not distinguish `a` from `A`, and renames duplicates. */
  readonly alike: ReadonlyMap<string, readonly ParquetColumn[]>;
}

export interface ParquetColumn {
  readonly name: string;
  /** The name in DuckDB's reader, which differs if the file has several columns of this name. */
  readonly readAs: string;
  /** DuckDB's name of the type, or {@link nullType} for a column without a type, which holds only nulls. */
  readonly type: string;
  /** The kind, or `undefined` if no kind holds the type and for {@link nullType}. */
  readonly kind: Kind | undefined;
  /** True for timestamps that count nanoseconds. */
  readonly isNanoseconds: boolean;
}

/** The type of a column without a type, as pyarrow and pandas write a column of nulls. */
export const nullType = "NULL";

/**
 * Returns the shapes of the files of a scan at these paths, in order. Files with the same schema share one.
 *
 * Reads the footers of all files in one query, or in two if their schemas differ: thousands of them take less than a second.
 *
 * @throws SOURCE_UNREADABLE
 */
export async function parquetShapes(scan: Scan, paths: readonly string[], session: Session): Promise<readonly ParquetShape[]> {
  const schemas = paths.length === 1 ? new Map<string, string>() : await schemasOf(scan, paths, session);
  const shapes = new Map<string, ParquetShape>();
  const found: ParquetShape[] = [];
  for (const path of paths) {
    const schema = schemas.get(path) ?? path;
    const shape = shapes.get(schema) ?? (await orUnreadable(scan, path, () => shapeOf(path, session)));
    shapes.set(schema, shape);
    found.push(shape);
  }
  return found;
}

const elementFields = "name, type, type_length, repetition_type, num_children, converted_type, scale, precision, logical_type";

/** Returns a text for each file, by path. Files with equal schemas have equal texts. */
async function schemasOf(scan: Scan, paths: readonly string[], session: Session): Promise<ReadonlyMap<string, string>> {
  try {
    // Usually all files have the same schema. This check takes half as long as comparing them one by one.
    if (await haveOneSchema(paths, session)) return new Map(paths.map((path) => [path, "the schema of all files"]));
    const element = `CAST(row(${elementFields}) AS VARCHAR)`;
    const select = `SELECT file_name, md5(string_agg(${element}, chr(10) ORDER BY column_id)) FROM ${schemaTable(paths)} GROUP BY file_name`;
    const rows = await rowsOf(select, session);
    return new Map(rows.map(([path, schema]) => [String(path), String(schema)]));
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
    // DuckDB does not always name the file.
    for (const path of paths) await orUnreadable(scan, path, () => rowsOf(`SELECT count(*) FROM ${schemaTable([path])}`, session));
    throw error;
  }
}

/** Returns true if all files have the same schema elements at the same positions. */
async function haveOneSchema(paths: readonly string[], session: Session): Promise<boolean> {
  const elements = `SELECT column_id, ${elementFields}, count(*) AS files FROM ${schemaTable(paths)} GROUP BY ALL`;
  const select = `SELECT count(*), count(DISTINCT column_id), count(*) FILTER (WHERE files <> ${paths.length}) FROM (${elements}) AS t`;
  const [[elementCount, positions, partial] = []] = await rowsOf(select, session);
  return elementCount === positions && Number(partial) === 0;
}

async function shapeOf(path: string, session: Session): Promise<ParquetShape> {
  const files = duckdb.source({ op: "scan", source: "", format: { kind: "parquet" }, paths: [exactPattern(path)] });
  const read = await describeRelation(files, session);
  const elements = await rowsOf(
    `SELECT name, num_children, logical_type, converted_type, precision, scale FROM ${schemaTable([path])} ORDER BY column_id`,
    session,
  );
  const columns = topLevel(elements).map((element, index): ParquetColumn => {
    const [name, , logical] = element;
    const { name: readAs = String(name), type: readType = "" } = read[index] ?? {};
    const type = typeOf(element, readType);
    const isNanoseconds = typeof logical === "string" && logical.startsWith("TimestampType") && logical.includes("NANOS=NanoSeconds()");
    return { name: String(name), readAs, type, kind: type === readType ? columnKind(type) : undefined, isNanoseconds };
  });
  return { path, columns, alike: alikeIn(columns) };
}

function alikeIn(columns: readonly ParquetColumn[]): ParquetShape["alike"] {
  const alike = new Map<string, ParquetColumn[]>();
  for (const column of columns) {
    for (const name of new Set([column.name.toLowerCase(), column.readAs.toLowerCase()])) {
      const others = alike.get(name);
      if (others === undefined) alike.set(name, [column]);
      else others.push(column);
    }
  }
  return alike;
}

/** Corrects types: DuckDB reads a column without a type as integers, and decimals of more than 38 digits as rounded doubles. */
function typeOf([, , logical, converted, precision, scale]: Row, readType: string): string {
  if (logical === "NullType()") return nullType;
  if (readType !== "DOUBLE") return readType;
  const stated = /^DecimalType\(scale=(\d+), precision=(\d+)\)$/.exec(String(logical));
  if (stated !== null) return `DECIMAL(${stated[2]},${stated[1]})`;
  return converted === "DECIMAL" ? `DECIMAL(${String(precision)},${String(scale ?? 0)})` : readType;
}

function schemaTable(paths: readonly string[]): string {
  const files = paths.map((path) => duckdb.literal(exactPattern(path), { kind: "string" }));
  return `parquet_schema([${files.join(", ")}])`;
}

type Row = readonly unknown[];

/** Returns the columns of a schema, a tree written depth-first from the root, each node with its number of children. */
function topLevel([, ...elements]: readonly Row[]): readonly Row[] {
  const found: Row[] = [];
  let inside = 0;
  for (const element of elements) {
    if (inside === 0) found.push(element);
    else inside--;
    inside += Number(element[1] ?? 0);
  }
  return found;
}

async function rowsOf(sql: string, session: Session): Promise<readonly Row[]> {
  const reader = await session.run((connection) => connection.runAndReadAll(sql));
  return reader.getRowsJson();
}

async function orUnreadable<T>({ source }: Scan, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unreadable({ source, path }, error);
  }
}
