import { type Column, type Columns, type Scan, type TimeEncoding, type TimeUnit, timePattern, timeUnits } from "@mlforge/spec";
import type { ColumnOptions } from "./column-options.js";
import { type DefinitionIssues, definitionInvalid } from "./definition-issues.js";

/** How a source stores timestamps as text or integers. Pass at most one option. */
export interface TimestampOptions extends ColumnOptions {
  /** The format of text. With several formats, each value must match one of them: `"%d/%m/%Y %H:%M"`. `docs/timestamps.md` lists the directives. */
  readonly format?: string | readonly string[] | undefined;
  /** The unit of integers since the Unix epoch. */
  readonly unit?: TimeUnit | undefined;
}

interface EncodedColumn extends Column {
  readonly encoding: TimeEncoding;
}

/** Returns the encoding from the options, to store with the column type. @throws DEFINITION_INVALID */
export function encodingFrom({ format, unit }: TimestampOptions = {}): { readonly encoding?: TimeEncoding } {
  if (format !== undefined && unit !== undefined) throw definitionInvalid("timestamp", "pass either format or unit, not both");
  if (unit !== undefined) {
    if (timeUnits.includes(unit)) return { encoding: { kind: "epoch", unit } };
    throw definitionInvalid("timestamp", `unknown unit ${JSON.stringify(unit)}; use one of ${timeUnits.join(", ")}`);
  }
  if (format === undefined) return {};
  const formats = typeof format === "string" ? [format] : [...format];
  if (formats.length === 0) throw definitionInvalid("timestamp", "expected at least one format");
  for (const each of formats) timePattern(each);
  return { encoding: { kind: "format", formats } };
}

/** Returns the encodings of declared columns. */
export function encodingsOf(columns: Columns | undefined): Pick<Scan, "encodings"> {
  const stated = Object.entries(columns ?? {}).flatMap(([name, column]) => (isEncoded(column) ? [[name, column.encoding] as const] : []));
  return stated.length === 0 ? {} : { encodings: Object.fromEntries(stated) };
}

/** Reports encodings on columns that do not belong to a source. */
export function refuseEncodings(columns: Columns, at: string, issues: DefinitionIssues): void {
  for (const name of Object.keys(encodingsOf(columns).encodings ?? {})) {
    issues.add(`${at}.${name}`, "only columns of a source can have a format or unit; this column is already a timestamp");
  }
}

function isEncoded(column: Column): column is EncodedColumn {
  return typeof column === "object" && column !== null && "encoding" in column;
}
