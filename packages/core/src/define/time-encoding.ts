import { type Column, type Columns, type Scan, type TimeEncoding, type TimeUnit, timePattern, timeUnits } from "@mlforge/spec";
import type { ColumnOptions } from "./column-options.js";
import { type DefinitionIssues, definitionInvalid } from "./definition-issues.js";

/** How a source's timestamps are written, where its files have text or integers. Give one or none. */
export interface TimestampOptions extends ColumnOptions {
  /** The format of text, or several of which each value has one: `"%d/%m/%Y %H:%M"`. `docs/timestamps.md` lists the directives. */
  readonly format?: string | readonly string[] | undefined;
  /** What integers count since the Unix epoch. */
  readonly unit?: TimeUnit | undefined;
}

interface EncodedColumn extends Column {
  readonly encoding: TimeEncoding;
}

/** The encoding that options state, to be kept with the column type. @throws DEFINITION_INVALID */
export function encodingFrom({ format, unit }: TimestampOptions = {}): { readonly encoding?: TimeEncoding } {
  if (format !== undefined && unit !== undefined) throw definitionInvalid("timestamp", "format and unit are both given; give one of them");
  if (unit !== undefined) {
    if (timeUnits.includes(unit)) return { encoding: { kind: "epoch", unit } };
    throw definitionInvalid("timestamp", `the unit ${JSON.stringify(unit)} is not known; use one of ${timeUnits.join(", ")}`);
  }
  if (format === undefined) return {};
  const formats = typeof format === "string" ? [format] : [...format];
  if (formats.length === 0) throw definitionInvalid("timestamp", "at least one format is needed");
  for (const each of formats) timePattern(each);
  return { encoding: { kind: "format", formats } };
}

/** The encodings that declared columns state. */
export function encodingsOf(columns: Columns | undefined): Pick<Scan, "encodings"> {
  const stated = Object.entries(columns ?? {}).flatMap(([name, column]) => (isEncoded(column) ? [[name, column.encoding] as const] : []));
  return stated.length === 0 ? {} : { encodings: Object.fromEntries(stated) };
}

/** Says where columns that are no source's state an encoding. */
export function refuseEncodings(columns: Columns, at: string, issues: DefinitionIssues): void {
  for (const name of Object.keys(encodingsOf(columns).encodings ?? {})) {
    issues.add(`${at}.${name}`, "only the columns of a source have a format or unit; this one is a timestamp already");
  }
}

function isEncoded(column: Column): column is EncodedColumn {
  return typeof column === "object" && column !== null && "encoding" in column;
}
