import { encodingOf, type Kind, type NamedColumn } from "@mlforge/spec";
import { duckdb } from "./dialect/duckdb.js";
import { inexactValue, type ParquetScan, parquetReader, parquetValue } from "./dialect/parquet.js";
import { expectedText } from "./expected-text.js";

/** How to find a value that the kind of its column cannot hold. */
export interface ValueCheck {
  readonly column: NamedColumn;
  /** SQL for the value as text, and for the condition that it is wrong. */
  readonly text: string;
  readonly isWrong: string;
  /** True if the file has strings, which are shown in quotation marks. */
  readonly isText: boolean;
  /** The expected content, as a noun. */
  readonly expected: string;
}

/** Makes the check that a column without nulls has none. */
export function nullCheck(column: NamedColumn, isNull: string): ValueCheck {
  return { column, text: "'null'", isWrong: isNull, isText: false, expected: "a value: the column is declared with nullable: false" };
}

/** Returns a SELECT of the rows of one Parquet file, unconverted. */
export function parquetRows(scan: ParquetScan): string {
  const [part = { paths: scan.paths, isUnited: false }] = scan.parts;
  return `SELECT * FROM ${parquetReader({ ...scan, partitions: undefined }, part)}`;
}

/** Returns the columns of one Parquet file whose conversion can fail. */
export function parquetChecks(scan: ParquetScan): readonly ValueCheck[] {
  const { columns = [], format } = scan;
  const [part] = scan.parts;
  return columns.flatMap((column): readonly ValueCheck[] => {
    const type = part?.types.get(column.name);
    if (type === undefined) return [];
    const identifier = duckdb.identifier(column.name);
    const nulls = column.nullable ? [] : [nullCheck(column, `${identifier} IS NULL`)];
    const text = `CAST(${identifier} AS VARCHAR)`;
    const encoding = encodingOf(scan, column.name);
    if (encoding !== undefined) {
      if (type.startsWith("TIMESTAMP")) return nulls;
      const isWrong = `trim(${text}) <> '' AND ${duckdb.timeOrNull(text, encoding)} IS NULL`;
      return [...nulls, { column, text, isWrong, isText: true, expected: expectedText(column, encoding, format) }];
    }
    if (isChecked(column)) {
      const isWrong = `${identifier} IS NOT NULL AND TRY(${parquetValue(identifier, type, column, undefined)}) IS NULL`;
      return [...nulls, { column, text, isWrong, isText: false, expected: expectedText(column, undefined, format) }];
    }
    const isWrong = inexactValue(identifier, type, column);
    return isWrong === undefined ? nulls : [...nulls, { column, text, isWrong, isText: false, expected: expectedNumber(column) }];
  });
}

/** Checks vectors and JSON: lists in Parquet can have any length, and strings can be invalid JSON. */
function isChecked({ kind, of, fields = [] }: Kind): boolean {
  return kind === "vector" || kind === "json" || (of !== undefined && isChecked(of)) || fields.some(isChecked);
}

function expectedNumber(column: NamedColumn): string {
  switch (column.kind) {
    case "float64":
      return "a whole number from -9007199254740992 to 9007199254740992, beyond which float64 rounds; or declare another kind";
    case "timestamp":
      return 'whole microseconds; or declare t.timestamp({ unit: "ns" }), which cuts off the rest';
    case "int64":
      return "a whole number from -9007199254740992 to 9007199254740992, since the file holds floats; or declare float64";
    default:
      return `a whole number that ${column.kind} holds; or declare float64`;
  }
}
