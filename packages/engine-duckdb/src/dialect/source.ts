import type { Expression, Scan, Schema } from "@mlforge/spec";
import { csvSource } from "./csv.js";
import { text } from "./literal.js";
import { isParquetScan, parquetReader, parquetSource } from "./parquet.js";
import { partitionSettings } from "./partitions.js";

/** Returns the SELECT that reads the files of a scan. */
export function duckdbSource(scan: Scan, condition?: Expression): string {
  if (isParquetScan(scan)) return parquetSource(scan, condition);
  const files = `[${scan.paths.map(text).join(", ")}]`;
  const { format } = scan;
  switch (format.kind) {
    case "parquet":
      return `SELECT * FROM ${parquetReader(scan, { paths: scan.paths, isUnited: scan.paths.length > 1 })}`;
    case "csv":
      return csvSource(scan, format, fileColumns(scan));
    case "ndjson":
      return from("read_json", [files, ...partitionSettings(scan), ...jsonSettings(fileColumns(scan))]);
  }
}

/** Returns the columns of a scan that are in its files. */
function fileColumns({ columns, partitions = [], source }: Scan): Schema {
  if (columns === undefined) throw new TypeError(`the columns of source "${source}" are not resolved`);
  return columns.filter(({ name }) => !partitions.some((partition) => partition.name === name));
}

function from(reader: string, settings: readonly string[]): string {
  return `SELECT * FROM ${reader}(${settings.join(", ")})`;
}

/** Reads every value as text. */
function jsonSettings(columns: Schema): readonly string[] {
  // DuckDB does not accept an empty list. A key that no object has returns the rows as well.
  const names = columns.length === 0 ? ["mlforge no column"] : columns.map(({ name }) => name);
  return [
    "format = 'newline_delimited'",
    "compression = 'uncompressed'",
    `columns = {${names.map((name) => `${text(name)}: 'VARCHAR'`).join(", ")}}`,
  ];
}
