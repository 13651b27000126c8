import { encodingOf, isNested, type Plan, type Scan, schemaOf, type TimeEncoding } from "@mlforge/spec";
import { type Dialect, type Kind, standardDialect, type TypedSql } from "@mlforge/sql";
import { duckdbAsOfJoin } from "./as-of-join.js";
import { duckdbAggregate, duckdbCall, exactTotal } from "./functions.js";
import { identifier } from "./identifier.js";
import { jsonText, jsonValue, nestedFromText } from "./json.js";
import { conform, literal, text } from "./literal.js";
import { conformNested, failure } from "./nested.js";
import { isParquetScan, type ParquetPart, parquetReader, parquetValue } from "./parquet.js";
import { partitionValue } from "./partitions.js";
import { duckdbSource } from "./source.js";
import { duckdbTime } from "./time.js";
import { duckdbType } from "./type.js";

/** A dialect with the SQL that only the engine itself writes. */
interface DuckdbDialect extends Dialect {
  /** Returns the name of the type that holds exactly a kind. */
  type(kind: Kind): string;

  /** Prints a value of a nested kind as JSON text that loses nothing. */
  jsonText(sql: string, type: Kind): string;

  /** Reads a timestamp from a string or an integer. Returns null if it is not written as stated. */
  timeOrNull(sql: string, encoding: TimeEncoding): string;
}

const dialect = standardDialect({
  name: "duckdb",
  identifier,
  literal,
  cast,
  call: (name, values, result) => {
    const [json, pointer] = values;
    if (name !== "jsonValue" || json === undefined || pointer === undefined) return duckdbCall(name, values, result);
    return jsonValue(json.sql, pointer.sql, result, fromText);
  },
  aggregate: duckdbAggregate,
  conform: (sql, to) => conformNested(sql, to),
  source: duckdbSource,
  sourceColumn,
  required,
  microsecondsOf: (sql) => `epoch_us(CAST(${sql} AS TIMESTAMP))`,
  timestampOf: (microseconds) => `make_timestamp(${microseconds})`,
  isFinite: (sql) => `isfinite(${sql})`,
  exactTotal,
  // In the order of the windows, so that one sort is enough.
  firstValue: (sql, partition, order) => `first_value(${sql} IGNORE NULLS) OVER (${partition}ORDER BY ${order})`,
  collect: (sql) => `list(${sql}) FILTER (WHERE ${sql} IS NOT NULL)`,
  concatenate: (lists) => `list(${lists}) FILTER (WHERE ${lists} IS NOT NULL)`,
  median: (concatenated) => `list_median(flatten(${concatenated}))`,
  // It takes the type of the other branches.
  nullOf: () => "NULL",
  commonTable,
  asOfJoin: duckdbAsOfJoin,
  repeatedNeighbors,
  checksum,
  numberRows,
  zip,
});

/** The SQL of DuckDB 1.5. The session's time zone must be UTC. */
export const duckdb: DuckdbDialect = {
  ...dialect,
  type: duckdbType,
  jsonText,
  timeOrNull: (sql, encoding) => duckdbTime(sql, encoding, "null"),
};

function commonTable(name: string, query: string, materialized?: boolean): string {
  const hint = { true: "MATERIALIZED ", false: "NOT MATERIALIZED ", undefined: "" }[`${materialized}`];
  return `${name} AS ${hint}(\n${query}\n)`;
}

/** Compares rows as they stream by: a window without an order needs no sort. Without shared keys, there are no such rows, and counting them costs nothing. */
function repeatedNeighbors(columns: readonly string[], rows: string): string {
  const repeats = columns.map((column) => `lag(${column}) OVER () = ${column}`).join(" AND ");
  return `SELECT ${columns.join(", ")}\nFROM (\n${rows}\n) AS t\nQUALIFY ${repeats}`;
}

/**
 * Returns the sum of the hashes of the rows as text, because the sum can exceed 64 bits. Passes `hash` the sign of floats, because it treats the two zeros
 * as equal, and the text of nested values, because it cannot tell some of them apart.
 */
function checksum(values: readonly TypedSql[]): string {
  const parts = values.flatMap(({ sql, type }) => {
    if (type.kind === "float32" || type.kind === "float64") return [sql, `signbit(${sql})`];
    return isNested(type) ? [sql, `CAST(${sql} AS VARCHAR)`] : [sql];
  });
  // A hash of several columns is that of the last one combined with the others by XOR. A sum of these would not notice values that rows exchange.
  const rows = parts.length === 0 ? "1" : `hash(hash(${parts.join(", ")}))`;
  return `CAST(coalesce(sum(${rows}), 0) AS VARCHAR)`;
}

/**
 * Numbers rows as they stream by. In one pipeline with a join, DuckDB 1.5.5 runs the sides of a UNION ALL in any order, so rows of several readers are
 * numbered before the join begins.
 */
function numberRows(input: Plan, column: string, compile: (plan: Plan) => string): string {
  const numbered = `SELECT *, row_number() OVER () - 1 AS ${identifier(column)}\nFROM (\n${compile(input)}\n) AS t`;
  return hasOneReader(input) ? numbered : `WITH numbered AS MATERIALIZED (\n${numbered}\n)\nSELECT * FROM numbered`;
}

function hasOneReader(plan: Plan): boolean {
  if (plan.op === "project") return hasOneReader(plan.input);
  if (plan.op !== "scan") return false;
  return (isParquetScan(plan) ? plan.parts.length : (plan.layouts?.length ?? 1)) <= 1;
}

/** Joins the files directly. If the inputs were computed, DuckDB would hold the rows of all inputs except the first in memory. */
function zip(scans: readonly Scan[]): string {
  const sides = scans.map((scan, index) => ({ scan, side: `z${index}`, part: onlyPart(scan) }));
  const columns = sides.flatMap(({ scan, side, part }) =>
    schemaOf(scan).map((column) => {
      const name = identifier(column.name);
      const value = `${side}.${name}`;
      return `${part === undefined ? conform(value, column) : parquetValue(value, part.types.get(column.name), column, undefined)} AS ${name}`;
    }),
  );
  const files = sides.map(({ scan, side, part }) => {
    const rows = part === undefined ? duckdbSource(scan) : `SELECT * FROM ${parquetReader(scan, part)}`;
    return `(${rows}) AS ${side}`;
  });
  return `SELECT ${columns.join(", ")}\nFROM ${files.join("\nPOSITIONAL JOIN ")}`;
}

function onlyPart(scan: Scan): ParquetPart | undefined {
  const [part, ...others] = isParquetScan(scan) ? scan.parts : [];
  return others.length === 0 ? part : undefined;
}

function cast({ sql, type }: TypedSql, to: Kind): string {
  if (type.kind === "string" && to.kind === "bytes") return `encode(${sql})`;
  if (type.kind === "bytes" && to.kind === "string") return `decode(${sql})`;
  return type.kind === "string" ? fromText(sql, to) : conform(sql, to);
}

type DecimalMark = "." | ",";

/**
 * Reads a value from text. DuckDB's own casts would ignore a time zone in a TIMESTAMP and anything after a DATE, round numbers, read too large numbers as
 * infinite, and ignore underscores.
 */
function fromText(sql: string, to: Kind, mark: DecimalMark = "."): string {
  switch (to.kind) {
    case "string":
      return sql;
    case "timestamp":
      return duckdbTime(sql, { kind: "iso" }, "fail");
    case "date":
      return `CAST(strptime(${sql}, '%Y-%m-%d') AS DATE)`;
    case "bytes":
      return `from_base64(${sql})`;
    case "time":
      // DuckDB would call an invalid time an overflow.
      return `CASE WHEN regexp_full_match(${sql}, ${text(exactTime)}) THEN ${conform(sql, to)} ELSE ${failure(sql, to)} END`;
    case "list":
    case "vector":
    case "struct":
      return nestedFromText(sql, to, fromText);
    case "int32":
    case "int64":
    case "decimal":
      // In quotation marks, it is not a number, so the cast fails and shows it.
      return conform(
        `CASE WHEN regexp_full_match(${sql}, ${text(exactNumber(to, mark))}) THEN ${pointed(sql, mark)} ELSE ${unread(sql)} END`,
        to,
      );
    case "float32":
    case "float64": {
      const number = pointed(sql, mark);
      const isPlain = `isfinite(TRY_CAST(${number} AS ${duckdbType(to)})) AND NOT contains(${sql}, '_')${mark === "," ? ` AND NOT contains(${sql}, '.')` : ""}`;
      return conform(`CASE WHEN ${isPlain} OR regexp_full_match(${sql}, ${text(noNumber)}) THEN ${number} ELSE ${unread(sql)} END`, to);
    }
    default:
      return conform(sql, to);
  }
}

/** Matches `HH:MM:SS` and up to six digits after the seconds. */
const exactTime = "\\s*([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,6}0*)?)?\\s*";

/** Returns text that no cast accepts, and that shows the value. */
function unread(sql: string): string {
  return `'"' || ${sql} || '"'`;
}

function pointed(sql: string, mark: DecimalMark): string {
  return mark === "." ? sql : `replace(${sql}, ',', '.')`;
}

/** Matches floats that are not finite. */
const noNumber = "(?i)\\s*[+-]?(nan|inf(inity)?)\\s*";

/** Matches numbers with no more decimal places than the kind has, ignoring trailing zeros. */
function exactNumber({ scale = 0 }: Kind, mark: DecimalMark): string {
  return `\\s*[+-]?\\d*(${mark === "." ? "\\." : ","}\\d{0,${scale}}0*)?\\s*`;
}

/** Fails on nulls. Uses CASE, because DuckDB removes expressions that can fail from a coalesce(). The message depends on the row, or the failure would be computed in advance. */
function required(sql: string, name: string, to: Kind): string {
  return `CASE WHEN ${sql} IS NOT NULL THEN ${sql} ELSE ${failure(`coalesce(CAST(${identifier(name)} AS VARCHAR), '') || ' is null'`, to)} END`;
}

function sourceColumn(scan: Scan, name: string, to: Kind): string {
  const { format, partitions = [] } = scan;
  if (partitions.some((partition) => partition.name === name)) {
    const { sql, isText } = partitionValue(scan, name);
    return isText ? fromText(sql, to) : conform(sql, to);
  }
  const column = identifier(name);
  if (isParquetScan(scan)) return column;
  const encoding = encodingOf(scan, name);
  if (encoding !== undefined) return duckdbTime(`CAST(${column} AS VARCHAR)`, encoding, "failUnlessBlank");
  if (format.kind === "parquet") return conform(column, to);
  // A quoted empty cell is an empty string or empty bytes, and null in every other kind.
  const value = format.kind === "csv" && to.kind !== "string" && to.kind !== "bytes" ? `nullif(${column}, '')` : column;
  return fromText(value, to, format.kind === "csv" ? format.decimal : undefined);
}
