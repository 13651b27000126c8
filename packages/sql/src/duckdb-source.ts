import type { Scan, SourceFormat } from "@mlforge/spec";

type Quote = (text: string) => string;
type Csv = Extract<SourceFormat, { kind: "csv" }>;

/** What undeclared columns of text may turn out to be. DuckDB would also find dates, but in whatever order of day and month. */
const candidates = "['BOOLEAN', 'BIGINT', 'DOUBLE', 'VARCHAR']";

/** The SELECT that reads the files of a scan. `quote` encodes a string. */
export function duckdbSource(scan: Scan, quote: Quote): string {
  const files = `[${scan.paths.map(quote).join(", ")}]`;
  const union = scan.paths.length > 1 ? ["union_by_name = true"] : [];
  switch (scan.format.kind) {
    case "parquet":
      return from("read_parquet", [files, "hive_partitioning = false", ...union]);
    case "csv":
      return from("read_csv", [files, "hive_partitioning = false", ...union, ...csvOptions(scan, scan.format, quote)]);
    case "ndjson":
      return from("read_json", [files, "hive_partitioning = false", "format = 'newline_delimited'", ...jsonOptions(scan, union, quote)]);
  }
}

function from(reader: string, settings: readonly string[]): string {
  return `SELECT * FROM ${reader}(${settings.join(", ")})`;
}

function csvOptions(scan: Scan, format: Csv, quote: Quote): readonly string[] {
  const { delimiter = ",", header = true, quote: mark = '"', nullText } = format;
  const nulls = ["", ...(nullText === undefined ? [] : [nullText])].map(quote);
  const names = header || scan.columns === undefined ? [] : [`names = [${scan.columns.map(({ name }) => quote(name)).join(", ")}]`];
  return [
    `header = ${header}`,
    `delim = ${quote(delimiter)}`,
    `quote = ${quote(mark)}`,
    `escape = ${quote(mark)}`,
    `nullstr = [${nulls.join(", ")}]`,
    "allow_quoted_nulls = false",
    ...names,
    ...(scan.columns === undefined ? [`auto_type_candidates = ${candidates}`] : ["all_varchar = true"]),
  ];
}

function jsonOptions(scan: Scan, union: readonly string[], quote: Quote): readonly string[] {
  if (scan.columns === undefined) return union;
  return [`columns = {${scan.columns.map(({ name }) => `${quote(name)}: 'VARCHAR'`).join(", ")}}`];
}
