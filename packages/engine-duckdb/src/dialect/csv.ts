import type { CsvFormat, FileLayout, Scan, Schema } from "@mlforge/spec";
import { identifier } from "./identifier.js";
import { text } from "./literal.js";
import { partitionColumns, partitionSettings } from "./partitions.js";

/** Records of up to 16 MiB, in buffers of DuckDB's default size. */
const sizes = ["max_line_size = 16777216", "buffer_size = 33554432"];

/**
 * Returns the SELECT that reads the files of a CSV scan, every value as text. The files have been checked against their format and the
 * layouts found in them. DuckDB guesses only the line endings, and each file has only one kind.
 */
export function csvSource(scan: Scan, format: CsvFormat, columns: Schema): string {
  if (scan.layouts === undefined) throw new TypeError(`the layouts of source "${scan.source}" are not resolved`);
  return scan.layouts.map((layout) => readLayout(scan, format, columns, layout)).join("\nUNION ALL\n");
}

function readLayout(scan: Scan, format: CsvFormat, columns: Schema, { paths, cells, header }: FileLayout): string {
  const values = columns.map(({ name }) => `${cell(cells.indexOf(name))} AS ${identifier(name)}`);
  const folders = partitionColumns(scan).map(identifier);
  // A row still counts if none of its columns is read.
  const selected = values.length + folders.length === 0 ? ["NULL AS nothing"] : [...values, ...folders];
  const settings = [
    `[${paths.map(text).join(", ")}]`,
    "auto_detect = false",
    "compression = 'none'",
    "strict_mode = true",
    "null_padding = false",
    "ignore_errors = false",
    "skip = 0",
    "comment = ''",
    `header = ${header}`,
    `delim = ${text(format.delimiter ?? ",")}`,
    ...quotes(format),
    `nullstr = [${["", ...nullTexts(format)].map(text).join(", ")}]`,
    "allow_quoted_nulls = false",
    ...sizes,
    ...partitionSettings(scan),
    `columns = {${cells.map((_, index) => `${text(cell(index))}: 'VARCHAR'`).join(", ")}}`,
  ];
  return `SELECT ${selected.join(", ")} FROM read_csv(${settings.join(", ")})`;
}

/** Names cells by their position, because their own names can be anything. */
function cell(index: number): string {
  if (index === -1) throw new TypeError("a column is not among the cells of its file");
  return `mlforge_${index}`;
}

function quotes({ quote = '"', escape: before = quote }: CsvFormat): readonly string[] {
  return [`quote = ${text(quote)}`, `escape = ${text(quote === "" ? "" : before)}`];
}

function nullTexts({ nullText = [] }: CsvFormat): readonly string[] {
  return typeof nullText === "string" ? [nullText] : nullText;
}
