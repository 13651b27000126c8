import type { CsvFormat } from "@mlforge/spec";

/** The dialect of a CSV file, as bytes: every character is ASCII. */
export interface CsvDialect {
  readonly delimiter: number;
  /** The quote, or undefined if the file has no quoted values. */
  readonly quote: number | undefined;
  /** The byte before a quote or an escape inside quotes. Often the quote itself. */
  readonly escape: number | undefined;
  /** The byte that begins a comment line. */
  readonly comment: number | undefined;
  /** The number of lines before the header. */
  readonly skip: number;
  readonly header: boolean;
}

/** Returns the dialect of a format, with the defaults of RFC 4180. */
export function dialectOf({
  delimiter = ",",
  quote = '"',
  escape: before = quote,
  comment,
  skip = 0,
  header = true,
}: CsvFormat): CsvDialect {
  return {
    delimiter: byte(delimiter) ?? 0x2c,
    quote: byte(quote),
    escape: byte(quote && before),
    comment: byte(comment),
    skip,
    header,
  };
}

function byte(character: string | undefined): number | undefined {
  return character === undefined || character === "" ? undefined : character.charCodeAt(0);
}
