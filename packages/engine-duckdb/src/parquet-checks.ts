import { encodingOf, type Kind, type NamedColumn } from "@mlforge/spec";
import { duckdb, inexactValue, type ParquetScan, parquetReader, parquetValue } from "@mlforge/sql";
import { expectedText } from "./expected-text.js";

/** How a value of a column is found that its kind does not hold. */
export interface ValueCheck {
  readonly column: NamedColumn;
  /** SQL of the value as text, and of whether it is wrong. */
  readonly text: string;
  readonly isWrong: string;
  /** Whether the file holds text, which is shown in quotation marks. */
  readonly isText: boolean;
  /** What the file must hold instead, as a noun. */
  readonly expected: string;
}

/** The check that a column that is not nullable has no nulls. */
export function nullCheck(column: NamedColumn, isNull: string): ValueCheck {
  return { column, text: "'null'", isWrong: isNull, isText: false, expected: "a value: the column is declared with nullable: false" };
}

/** A SELECT of the rows of one Parquet file as it holds them. */
export function parquetRows(scan: ParquetScan): string {
  const [part = { paths: scan.paths, isUnited: false }] = scan.parts;
  return `SELECT * FROM ${parquetReader({ ...scan, partitions: undefined }, part)}`;
}

/** The columns of one Parquet file whose values are converted in a way that may fail. */
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

/** The lists of Parquet may have any length, and its texts may be no JSON. */
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
