import { basename, relative, sep } from "node:path";
import { MlforgeError, type NamedColumn, type SourceFormat, suggest } from "@mlforge/spec";
import { columnLines, literal, member, propertyName } from "../../typescript-text.js";
import type { DataSource, FeatureText } from "./data-source.js";
import type { FileColumns } from "./file-columns.js";

export interface FileChoice {
  /** Absolute path of the file. */
  readonly path: string;
  readonly keys: readonly string[];
  readonly timestamp: string | undefined;
}

/** Returns the columns that can say when a row became known: the timestamps, or the dates if the file has no timestamps. */
export function timestampCandidates({ columns }: FileColumns): readonly string[] {
  const ofKind = (kind: string): string[] => columns.filter((column) => column.kind === kind).map(({ name }) => name);
  const timestamps = ofKind("timestamp");
  return timestamps.length > 0 ? timestamps : ofKind("date");
}

const keyKinds = ["string", "int32", "int64", "boolean", "date", "decimal", "bytes", "timestamp"];

/** Returns the columns that can be keys. */
export function keyCandidates({ columns }: FileColumns): readonly NamedColumn[] {
  return columns.filter(({ kind }) => keyKinds.includes(kind));
}

/** Guesses the key of a file: a column named like an identifier, or else the first string, or else the first integer. */
export function guessKey(found: FileColumns): string | undefined {
  const candidates = keyCandidates(found).filter(({ kind }) => ["string", "int32", "int64"].includes(kind));
  const named = candidates.filter(({ name }) => /.([_-]id|[_-]key|[_-]code|Id|ID|Key|Code)$/.test(name));
  const [first] = [...named, ...candidates.filter(({ kind }) => kind === "string"), ...candidates];
  return first?.name;
}

/** Returns the given keys, or guesses one. @throws USAGE_INVALID */
export function chooseKeys(given: readonly string[] | undefined, found: FileColumns): readonly string[] {
  const allowed = keyCandidates(found).map(({ name }) => name);
  if (given !== undefined) return [...new Set(given)].map((key) => known("--keys", key, allowed, "can be a key"));
  const guess = guessKey(found);
  if (guess !== undefined) return [guess];
  throw new MlforgeError("USAGE_INVALID", `no column looks like a key; pass --keys with one of these: ${allowed.join(", ")}`, {
    argument: "--keys",
  });
}

/** Returns the given timestamp, or the only candidate. @throws USAGE_INVALID */
export function chooseTimestamp(given: string | undefined, found: FileColumns): string | undefined {
  const times = found.columns.filter(({ kind }) => kind === "timestamp" || kind === "date").map(({ name }) => name);
  if (given !== undefined) return known("--timestamp", given, times, "is a timestamp or a date");
  const [only, ...others] = timestampCandidates(found);
  return others.length === 0 ? only : undefined;
}

function known(argument: string, name: string, allowed: readonly string[], what: string): string {
  if (allowed.includes(name)) return name;
  const hint = suggest(name, allowed, `possible columns: ${allowed.join(", ") || "none"}`);
  throw new MlforgeError("USAGE_INVALID", `the file has no column ${JSON.stringify(name)} that ${what}; ${hint}`, { argument });
}

/** Creates a typed source for a file, and features that build right away. `folder` is the absolute path of the project. */
export function fileData({ path, keys, timestamp }: FileChoice, found: FileColumns, folder: string): DataSource {
  const stem = nameOf(basename(path).replace(/\.[^.]*$/, "")) ?? "data";
  const name = `${stem}_by_${nameOf(keys.join("_")) ?? "key"}`.slice(0, 110);
  const totals: FeatureText = { constant: "totals", name, about: `the number of rows of each ${keys.join(", ")}` };
  const value = timestamp === undefined || keys.includes(timestamp) ? undefined : numberToRoll(found, keys);
  const lately: FeatureText = {
    constant: "lately",
    name: `${name}_lately`,
    about: `${value?.name} of each ${keys.join(", ")} over the last 7 and 30 days`,
  };
  const features = value === undefined ? [totals] : [lately, totals];
  return {
    imports: ["count", "feature", "source", "t"],
    text: [
      sourceText({ name: stem, path: relative(folder, path).split(sep).join("/"), timestamp }, found),
      ...(value === undefined ? [] : [latelyText(lately, keys, value.name, timestamp)]),
      totalsText(totals, keys, timestamp),
    ].join("\n"),
    features,
    files: {},
  };
}

/** Finds a number to aggregate over time. Its name must be valid as part of a column name. */
function numberToRoll({ columns }: FileColumns, keys: readonly string[]): NamedColumn | undefined {
  const numbers = columns.filter(
    ({ name, kind }) => /^(float|int|decimal)/.test(kind) && /^[A-Za-z_]\w*$/.test(name) && !keys.includes(name),
  );
  const values = numbers.filter(({ name }) => !/(^|_)id$|Id$/.test(name));
  return values.find(({ kind }) => kind.startsWith("float")) ?? values[0];
}

interface SourceText {
  readonly name: string;
  readonly path: string;
  readonly timestamp: string | undefined;
}

function sourceText({ name, path, timestamp }: SourceText, found: FileColumns): string {
  const candidates = timestampCandidates(found);
  const choice =
    candidates.length > 1
      ? `  // Choose the column that says when a row became known: timestamp: ${candidates.map(literal).join(" or ")}\n`
      : "";
  const why = found.isInferred ? "its type is unknown or not supported" : "features do not support its type";
  const omitted = found.omitted.map((column) => `    // Omitted, because ${why}: ${literal(column.name)} (${column.type})\n`);
  return `/** ${found.isInferred ? inferredTypes : "Rows of a file outside the project."} */
const data = source({
  name: ${literal(name)},
  path: ${literal(path)},
${formatText(found.format)}  columns: {
${columnLines(found.columns)
  .map((line) => `    ${line}\n`)
  .join("")}${omitted.join("")}  },
${timestamp === undefined ? choice : `  timestamp: ${literal(timestamp)},\n`}});
`;
}

const inferredTypes = `Rows of a file outside the project. The types were inferred from all values of the file. Check them: a number
 * can be a code, for example. A build fails if a value does not fit.`;

function formatText(format: SourceFormat | undefined): string {
  if (format === undefined) return "";
  const options = Object.entries(format).map(([option, value]) => `${option}: ${JSON.stringify(value)}`);
  const isDecimalUnclear = format.kind === "csv" && format.delimiter === ";";
  const note = isDecimalUnclear
    ? '  // Numbers are read with a decimal point. For a decimal comma, add decimal: "," and correct the column types.\n'
    : "";
  return `${note}  format: { ${options.join(", ")} },\n`;
}

function latelyText({ constant, name }: FeatureText, keys: readonly string[], value: string, timestamp: string | undefined): string {
  return `/** Windows end with a whole day. Labels do not see the rows of a day before it is over. */
export const ${constant} = feature({
  name: ${literal(name)},
  source: data,
  keys: [${keys.map(literal).join(", ")}],
  transform: (rows) => rows${complete([...keys, ...(timestamp === undefined ? [] : [timestamp])])},
  rolling: { every: "1d", windows: ["7d", "30d"], aggregations: { ${value}: ["mean", "count"] } },
});
`;
}

function totalsText({ constant, name }: FeatureText, keys: readonly string[], timestamp: string | undefined): string {
  const outputs = [`${free("row_count", keys)}: count()`];
  const usesRow = timestamp !== undefined && !keys.includes(timestamp);
  if (usesRow) outputs.push(`${free("last_seen", keys)}: ${member("row", timestamp)}.max()`);
  return `/** Totals over all rows. */
export const ${constant} = feature({
  name: ${literal(name)},
  source: data,
  keys: [${keys.map(literal).join(", ")}],
  transform: (rows) =>
    rows
      ${complete(keys)}
      .groupBy(${keys.map(literal).join(", ")})
      .aggregate((${usesRow ? "row" : ""}) => ({ ${outputs.join(", ")} })),
});
`;
}

/** Filters out rows with a null in one of these columns, because keys are never null. */
function complete(columns: readonly string[]): string {
  const [first = "", ...others] = [...new Set(columns)].map((column) => `${member("row", column)}.isNotNull()`);
  return `.filter((row) => ${first}${others.length === 0 ? "" : `.and(${others.join(", ")})`})`;
}

/** Returns an output name that no key has. */
function free(name: string, keys: readonly string[]): string {
  const taken = keys.map((key) => key.toLowerCase());
  let candidate = name;
  while (taken.includes(candidate)) candidate = `${candidate}_`;
  return propertyName(candidate);
}

/** Turns a text into a valid name of a source or feature, or returns undefined. */
function nameOf(text: string): string | undefined {
  const name = text
    .replace(/[^A-Za-z0-9_]+/g, "_")
    .replace(/^(?=\d)/, "_")
    .slice(0, 50);
  return /[A-Za-z0-9]/.test(name) ? name : undefined;
}
