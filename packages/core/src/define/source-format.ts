import { type SourceFormat, suggest, type TextCompression, textCompressions, textEncodings } from "@mlforge/spec";
import type { DefinitionIssues } from "./definition-issues.js";
import { isPattern, queryOfUrl } from "./source-path.js";

const formatByEnding: Readonly<Record<string, SourceFormat>> = {
  parquet: { kind: "parquet" },
  csv: { kind: "csv" },
  tsv: { kind: "csv", delimiter: "\t" },
  ndjson: { kind: "ndjson" },
  jsonl: { kind: "ndjson" },
};

const compressionByEnding: Readonly<Record<string, TextCompression>> = { gz: "gzip", zst: "zstd" };

/** Returns the format of these paths: the given options, completed by the file ending. Adds problems to `issues` and then returns undefined. */
export function formatOf(
  paths: readonly string[],
  given: SourceFormat | undefined,
  at: string,
  issues: DefinitionIssues,
): SourceFormat | undefined {
  if (given !== undefined) checkFormat(given, at, issues);
  const endings = [...new Set(paths.map(endingOf))];
  const compressions = [...new Set(endings.map(({ compression }) => compression))];
  const shown = endings.map(({ text }) => JSON.stringify(text)).join(" and ");
  if (given?.kind === "parquet") return given;
  const isStated = given?.compression !== undefined;
  if (compressions.length > 1 && !isStated) {
    issues.add(`${at}.path`, `its paths end in ${shown}; use one source for each, or compress all files the same way`);
    return undefined;
  }
  const [compression] = compressions;
  const compressed = isStated || compression === undefined ? {} : { compression };
  if (given !== undefined) return { ...given, ...compressed };
  const names = [...new Set(endings.map(({ format }) => format))];
  const format = names[0] === undefined || !Object.hasOwn(formatByEnding, names[0]) ? undefined : formatByEnding[names[0]];
  if (names.length === 1 && format !== undefined && !(format.kind === "parquet" && compression !== undefined))
    return { ...format, ...compressed };
  const reason = endings.length === 1 ? `the path ends in ${shown}, which is not a known format` : `its paths end in ${shown}`;
  issues.add(`${at}.format`, `${reason}; pass format, for example { kind: "parquet" }`);
  return undefined;
}

/** The options of each format. Each check returns the problem of a value, if any. */
const checks: Readonly<Record<SourceFormat["kind"], Readonly<Record<string, (value: unknown) => string | undefined>>>> = {
  parquet: {},
  ndjson: { encoding: oneOf(textEncodings), compression: oneOf(textCompressions) },
  csv: {
    delimiter: (value) => character(value),
    quote: (value) => (value === "" ? undefined : character(value, "; an empty string turns quoting off")),
    escape: (value) => character(value),
    comment: (value) => character(value),
    header: (value) => (typeof value === "boolean" ? undefined : "must be true or false"),
    nullText: (value) => ([value].flat().every((each) => typeof each === "string") ? undefined : "must be a string or an array of strings"),
    skip: (value) => (Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : "must be a number of lines, 0 or more"),
    decimal: oneOf([".", ","]),
    encoding: oneOf(textEncodings),
    compression: oneOf(textCompressions),
  },
};

function checkFormat(format: SourceFormat, at: string, issues: DefinitionIssues): void {
  const given: unknown = format;
  if (typeof given !== "object" || given === null || !("kind" in given)) {
    issues.add(`${at}.format`, 'expected a format object, such as { kind: "csv", delimiter: ";" }');
    return;
  }
  if (!Object.hasOwn(checks, String(format.kind))) {
    issues.add(`${at}.format.kind`, `unknown format ${JSON.stringify(format.kind)}; use "parquet", "csv", or "ndjson"`);
    return;
  }
  const known = checks[format.kind];
  for (const [name, value] of Object.entries(format)) {
    if (name === "kind" || value === undefined) continue;
    const check = Object.hasOwn(known, name) ? known[name] : undefined;
    if (check === undefined) issues.add(`${at}.format.${name}`, unknownOption(name, format.kind, Object.keys(known)));
    else {
      const problem = check(value);
      if (problem !== undefined) issues.add(`${at}.format.${name}`, `${name} ${problem}, got ${JSON.stringify(value)}`);
    }
  }
  if (format.kind === "csv") checkCharacters(format, at, issues);
}

function unknownOption(name: string, kind: string, known: readonly string[]): string {
  if (known.length === 0) return `the format ${kind} has no options; remove ${name}`;
  return `the format ${kind} has no option ${name}; ${suggest(name, known, `use ${known.join(", ")}`)}`;
}

/** Checks that characters with different meanings are different. */
function checkCharacters(format: Extract<SourceFormat, { kind: "csv" }>, at: string, issues: DefinitionIssues): void {
  const { delimiter = ",", quote = '"', escape: before, comment, decimal } = format;
  const used = new Map([[delimiter, "the delimiter"]]);
  for (const [text, what] of [
    [quote, "the quote"],
    [comment, "the comment character"],
    [before === quote ? undefined : before, "the escape character"],
  ] as const) {
    if (text === undefined || text === "") continue;
    const other = used.get(text);
    if (other !== undefined) issues.add(`${at}.format`, `${JSON.stringify(text)} is both ${other} and ${what}; choose another`);
    used.set(text, what);
  }
  for (const text of [format.nullText ?? []].flat()) {
    const special = [...used.keys()].find((each) => typeof text === "string" && text.includes(each) && each !== comment);
    if (special !== undefined)
      issues.add(`${at}.format.nullText`, `${JSON.stringify(text)} contains ${JSON.stringify(special)}, which is ${used.get(special)}`);
  }
  if (quote === "" && before !== undefined) issues.add(`${at}.format.escape`, "an escape character needs a quote character; remove escape");
  if (decimal === "," && delimiter === "," && quote === "")
    issues.add(`${at}.format.decimal`, 'the comma is both the delimiter and the decimal mark; set delimiter, for example to ";"');
}

/** Checks for one ASCII character: DuckDB and the scanner only support single bytes. */
function character(value: unknown, more = ""): string | undefined {
  const isCharacter = typeof value === "string" && value.length === 1 && value !== "\n" && value !== "\r" && value.charCodeAt(0) < 128;
  return isCharacter && value !== "\0" ? undefined : `must be one ASCII character${more}`;
}

function oneOf(allowed: readonly string[]): (value: unknown) => string | undefined {
  return (value) =>
    allowed.includes(String(value)) ? undefined : `must be one of ${allowed.map((each) => JSON.stringify(each)).join(", ")}`;
}

/** Returns the ending of a path, which can be a pattern: `day-?.csv.gz` ends in `.csv.gz`. */
function endingOf(path: string): { readonly format: string; readonly compression: TextCompression | undefined; readonly text: string } {
  const name = path.replace(queryOfUrl, "").split(/[/\\]/).at(-1) ?? "";
  const parts = name.toLowerCase().split(".");
  const last = clean(parts.at(-1));
  const compression = Object.hasOwn(compressionByEnding, last) ? compressionByEnding[last] : undefined;
  const format = clean(compression === undefined ? (parts.length > 1 ? last : "") : parts.length > 2 ? parts.at(-2) : "");
  return { format, compression, text: compression === undefined ? `.${format}` : `.${format}.${last}` };
}

/** Returns an ending without patterns: `{a,b}.parquet` ends in `parquet`, and `*.{csv,tsv}` has no known ending. */
function clean(part = ""): string {
  return isPattern(part) ? "" : part;
}
