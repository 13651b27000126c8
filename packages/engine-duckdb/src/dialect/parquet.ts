import type { Expression, Scan, Schema, TimeEncoding } from "@mlforge/spec";
import type { Kind } from "@mlforge/sql";
import { identifier } from "./identifier.js";
import { conform, literal, text } from "./literal.js";
import { nativeType } from "./native-type.js";
import { conformNested } from "./nested.js";
import { partitionColumns, partitionSettings } from "./partitions.js";
import { duckdbTime } from "./time.js";
import { fromUtc } from "./zone.js";

/** A scan of Parquet files with known columns, in the order in which their rows are read. */
export interface ParquetScan extends Scan {
  readonly parts: readonly ParquetPart[];
}

/** Consecutive files with the same types. */
export interface ParquetPart {
  /** The paths in the form of DuckDB's reader. */
  readonly paths: readonly string[];
  /** DuckDB's names of the types of the scan's columns. A column that is missing here is null in these files. */
  readonly types: ReadonlyMap<string, string>;
  /** True if some of the files lack some of `types`. */
  readonly isUnited: boolean;
}

export function isParquetScan(scan: Scan): scan is ParquetScan {
  return "parts" in scan;
}

/** DuckDB's names of types that need care. */
const utcType = "TIMESTAMP WITH TIME ZONE";
const nanosecondsType = "TIMESTAMP_NS";

/**
 * Selects the columns of a scan, each in its kind, followed by the inputs of its partition columns.
 *
 * May leave out rows for which `condition` is not true, if this skips whole row groups.
 */
export function parquetSource(scan: ParquetScan, condition?: Expression): string {
  const columns = fileColumns(scan);
  const parts = scan.parts.map((part) => {
    const values = columns.map((column) => {
      const name = identifier(column.name);
      const value = parquetValue(name, part.types.get(column.name), column, encodingOf(scan, column.name));
      return value === name ? name : `${value} AS ${name}`;
    });
    const selected = [...values, ...partitionColumns(scan).map(identifier)];
    const timestamps = condition === undefined ? [] : timestampConditions(condition, scan, part);
    const where = timestamps.length === 0 ? "" : `\nWHERE ${timestamps.join(" AND ")}`;
    return `SELECT ${selected.length === 0 ? "NULL" : selected.join(", ")} FROM ${parquetReader(scan, part)}${where}`;
  });
  return parts.join("\nUNION ALL\n");
}

/** Returns the call that reads files with their own types. */
export function parquetReader(scan: Scan, { paths, isUnited }: Pick<ParquetPart, "paths" | "isUnited">): string {
  const settings = [
    `[${paths.map(text).join(", ")}]`,
    ...partitionSettings(scan),
    // Writers ignore NaN in the statistics of a row group.
    "can_have_nan = true",
    ...(isUnited ? ["union_by_name = true"] : []),
  ];
  return `read_parquet(${settings.join(", ")})`;
}

/** Converts a column of Parquet files to the kind `to`, or to null if `type` is absent. A value that the kind cannot hold exactly fails the query. */
export function parquetValue(column: string, type: string | undefined, to: Kind, encoding: TimeEncoding | undefined): string {
  if (type === undefined) return conform("NULL", to);
  if (encoding !== undefined) return encodedTime(column, type, encoding);
  if (type === utcType) return fromUtc(column);
  const value = conformNested(withoutPushdown(column, type), to, nativeType(type));
  const inexact = inexactValue(column, type, to);
  if (inexact === undefined) return value;
  // In quotation marks, it is not a value of the kind, so the cast fails and shows it.
  const failure = conform(`'"' || CAST(${column} AS VARCHAR) || '"'`, to);
  return `CASE WHEN ${inexact} THEN ${failure} ELSE ${value} END`;
}

function encodedTime(column: string, type: string, encoding: TimeEncoding): string {
  if (type === utcType) return fromUtc(column);
  if (type === nanosecondsType) return duckdbTime(`epoch_ns(${column})`, encoding, "failUnlessBlank");
  return duckdbTime(`CAST(${column} AS VARCHAR)`, encoding, "failUnlessBlank");
}

const maxExact = 2 ** 53;

/** Returns the condition under which the kind cannot hold a value of a type exactly, or undefined if there is no such value. */
export function inexactValue(column: string, type: string, to: Kind): string | undefined {
  const isFloat = type === "FLOAT" || type === "DOUBLE";
  if (to.kind === "timestamp" && type === nanosecondsType) return `epoch_ns(${column}) % 1000 <> 0`;
  if (to.kind === "float64" && /^(U?BIGINT|HUGEINT|DECIMAL\(\d+,0\))$/.test(type))
    return `${column} NOT BETWEEN -${maxExact} AND ${maxExact}`;
  if (to.kind === "int64" && isFloat) return `(${column} <> trunc(${column}) OR ${column} NOT BETWEEN -${maxExact} AND ${maxExact})`;
  if (to.kind === "int32" && isFloat) return `(${column} <> trunc(${column}) OR ${column} NOT BETWEEN -${2 ** 31} AND ${2 ** 31 - 1})`;
  return undefined;
}

/**
 * Rewrites a value so that DuckDB does not compare it with the statistics and Bloom filters of a file.
 *
 * DuckDB 1.5 looks up bytes above 0x7f, half floats, and zeros of the other sign in a Bloom filter under other bytes than writers use, and so silently
 * loses their rows.
 */
function withoutPushdown(column: string, type: string): string {
  return type === "BLOB" || type === "FLOAT" || type === "DOUBLE" ? `CASE WHEN ${column} IS NOT NULL THEN ${column} END` : column;
}

/** Returns the columns of a scan that are in its files. */
function fileColumns({ columns = [], partitions = [] }: Scan): Schema {
  return columns.filter(({ name }) => !partitions.some((partition) => partition.name === name));
}

function encodingOf({ encodings = {} }: Scan, name: string): TimeEncoding | undefined {
  return Object.hasOwn(encodings, name) ? encodings[name] : undefined;
}

const operators: Readonly<Record<string, readonly [operator: string, mirrored: string]>> = {
  equal: ["=", "="],
  less: ["<", ">"],
  lessOrEqual: ["<=", ">="],
  greater: [">", "<"],
  greaterOrEqual: [">=", "<="],
};

/** Repeats the conditions on timestamps adjusted to UTC in the type of the files, so that DuckDB can skip row groups. */
function timestampConditions(condition: Expression, scan: Scan, part: ParquetPart): readonly string[] {
  if (condition.expr !== "call") return [];
  if (condition.function === "and") return condition.arguments.flatMap((argument) => timestampConditions(argument, scan, part));
  const [left, right] = condition.arguments;
  const [operator, mirrored] = operators[condition.function] ?? [];
  if (left === undefined || right === undefined || operator === undefined || mirrored === undefined) return [];
  return timestampCondition(left, operator, right, part) ?? timestampCondition(right, mirrored, left, part) ?? [];
}

function timestampCondition(
  column: Expression,
  operator: string,
  timestamp: Expression,
  { types }: ParquetPart,
): readonly string[] | undefined {
  if (column.expr !== "column" || timestamp.expr !== "literal" || timestamp.kind !== "timestamp" || timestamp.value === null)
    return undefined;
  if (types.get(column.name) !== utcType) return undefined;
  return [`${identifier(column.name)} ${operator} CAST(${literal(timestamp.value, { kind: "string" })} AS TIMESTAMPTZ)`];
}
