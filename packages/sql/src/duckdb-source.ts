import type { Expression, Scan, Schema, SourceFormat } from "@mlforge/spec";
import { isParquetScan, parquetReader, parquetSource } from "./duckdb-parquet.js";
import { partitionSettings } from "./duckdb-partitions.js";

type Quote = (text: string) => string;
type Csv = Extract<SourceFormat, { kind: "csv" }>;

/** What undeclared columns of text may turn out to be. DuckDB would also find dates, but in whatever order of day and month. */
const candidates = "['BOOLEAN', 'BIGINT', 'DOUBLE', 'VARCHAR']";

/** The SELECT that reads the files of a scan. `quote` encodes a string. */
export function duckdbSource(scan: Scan, quote: Quote, condition?: Expression): string {
  if (isParquetScan(scan)) return parquetSource(scan, condition);
  const files = `[${scan.paths.map(quote).join(", ")}]`;
  const union = scan.paths.length > 1 ? ["union_by_name = true"] : [];
  const partitions = partitionSettings(scan);
  const columns = fileColumns(scan);
  switch (scan.format.kind) {
    case "parquet":
      return `SELECT * FROM ${parquetReader(scan, { paths: scan.paths, isUnited: scan.paths.length > 1 })}`;
    case "csv":
      return from("read_csv", [files, ...partitions, ...union, ...csvOptions(columns, scan.format, quote)]);
    case "ndjson":
      return from("read_json", [files, ...partitions, "format = 'newline_delimited'", ...jsonOptions(columns, union, quote)]);
  }
}

/** The columns of a scan that are in its files. */
function fileColumns({ columns, partitions = [] }: Scan): Schema | undefined {
  return columns?.filter(({ name }) => !partitions.some((partition) => partition.name === name));
}

function from(reader: string, settings: readonly string[]): string {
  return `SELECT * FROM ${reader}(${settings.join(", ")})`;
}

function csvOptions(columns: Schema | undefined, format: Csv, quote: Quote): readonly string[] {
  const { delimiter = ",", header = true, quote: mark = '"', nullText } = format;
  const nulls = ["", ...(nullText === undefined ? [] : [nullText])].map(quote);
  const names = header || columns === undefined ? [] : [`names = [${columns.map(({ name }) => quote(name)).join(", ")}]`];
  return [
    `header = ${header}`,
    `delim = ${quote(delimiter)}`,
    `quote = ${quote(mark)}`,
    `escape = ${quote(mark)}`,
    `nullstr = [${nulls.join(", ")}]`,
    "allow_quoted_nulls = false",
    ...names,
    ...(columns === undefined ? [`auto_type_candidates = ${candidates}`] : ["all_varchar = true"]),
  ];
}

function jsonOptions(columns: Schema | undefined, union: readonly string[], quote: Quote): readonly string[] {
  if (columns === undefined) return union;
  // DuckDB takes no empty list; a key that no object has gives the rows as well.
  const names = columns.length === 0 ? ["mlforge no column"] : columns.map(({ name }) => name);
  return [`columns = {${names.map((name) => `${quote(name)}: 'VARCHAR'`).join(", ")}}`];
}
