import type { CsvDialect } from "./csv-dialect.js";

/** Splits one well-formed record, without its line ending, into cells. */
export function csvCells(
  record: Uint8Array,
  { delimiter, quote, escape: before }: Pick<CsvDialect, "delimiter" | "quote" | "escape">,
): readonly string[] {
  const cells: string[] = [];
  let cell: number[] = [];
  let quoted = false;
  let fresh = true;
  for (let index = 0; index < record.length; index++) {
    const byte = record[index] ?? 0;
    const next = record[index + 1];
    if (quoted && byte === before && (next === quote || next === before)) {
      if (next !== undefined) cell.push(next);
      index++;
    } else if (quoted && byte === quote) quoted = false;
    else if (!quoted && fresh && byte === quote) quoted = true;
    else if (!quoted && byte === delimiter) {
      cells.push(Buffer.from(cell).toString("utf8"));
      cell = [];
      fresh = true;
      continue;
    } else cell.push(byte);
    fresh = false;
  }
  cells.push(Buffer.from(cell).toString("utf8"));
  return cells;
}
