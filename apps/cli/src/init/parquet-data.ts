import { basename, relative, sep } from "node:path";
import { type ParquetColumns, parquetColumns } from "@mlforge/core";
import { MlforgeError, type NamedColumn, nearest } from "@mlforge/spec";
import { columnLines, literal, member, propertyName } from "../typescript-text.js";
import type { DataSource, FeatureText } from "./data-source.js";

export interface ParquetChoice {
  /** The file, absolute. */
  readonly path: string;
  readonly keys: readonly string[];
  readonly timestamp: string | undefined;
}

/** The columns of a file that can be declared. @throws SOURCE_NOT_FOUND, SOURCE_UNREADABLE, USAGE_INVALID */
export async function declarableColumns(path: string, signal: AbortSignal): Promise<ParquetColumns> {
  const found = await parquetColumns(path, { signal });
  if (found.columns.length > 0) return found;
  throw new MlforgeError("USAGE_INVALID", `"${path}" has no columns that a feature can have; give another file`, { argument: "--from" });
}

/** The columns that may say when a row became known: those that are timestamps, or the days where there are none. */
export function timestampCandidates({ columns }: ParquetColumns): readonly string[] {
  const ofKind = (kind: string): string[] => columns.filter((column) => column.kind === kind).map(({ name }) => name);
  const timestamps = ofKind("timestamp");
  return timestamps.length > 0 ? timestamps : ofKind("date");
}

const keyKinds = ["string", "int32", "int64", "boolean", "date", "decimal", "bytes", "timestamp"];

/** The columns that rows may be about. */
export function keyCandidates({ columns }: ParquetColumns): readonly NamedColumn[] {
  return columns.filter(({ kind }) => keyKinds.includes(kind));
}

/** The key that a file suggests: a column named as one of something else, then a text, then a whole number. */
export function guessKey(found: ParquetColumns): string | undefined {
  const candidates = keyCandidates(found).filter(({ kind }) => ["string", "int32", "int64"].includes(kind));
  const named = candidates.filter(({ name }) => /.([_-]id|[_-]key|[_-]code|Id|ID|Key|Code)$/.test(name));
  const [first] = [...named, ...candidates.filter(({ kind }) => kind === "string"), ...candidates];
  return first?.name;
}

/** Keys as given, or the one the file suggests. @throws USAGE_INVALID */
export function chooseKeys(given: readonly string[] | undefined, found: ParquetColumns): readonly string[] {
  const allowed = keyCandidates(found).map(({ name }) => name);
  if (given !== undefined) return [...new Set(given)].map((key) => known("--keys", key, allowed, "may be a key"));
  const guess = guessKey(found);
  if (guess !== undefined) return [guess];
  throw new MlforgeError("USAGE_INVALID", `no column looks like a key; give --keys, of ${allowed.join(", ")}`, { argument: "--keys" });
}

/** The timestamp as given, or the one candidate there is. @throws USAGE_INVALID */
export function chooseTimestamp(given: string | undefined, found: ParquetColumns): string | undefined {
  const times = found.columns.filter(({ kind }) => kind === "timestamp" || kind === "date").map(({ name }) => name);
  if (given !== undefined) return known("--timestamp", given, times, "is a timestamp or a date");
  const [only, ...others] = timestampCandidates(found);
  return others.length === 0 ? only : undefined;
}

function known(argument: string, name: string, allowed: readonly string[], what: string): string {
  if (allowed.includes(name)) return name;
  const near = nearest(name, allowed);
  const hint = near === undefined ? `there are ${allowed.join(", ") || "none"}` : `did you mean "${near}"?`;
  throw new MlforgeError("USAGE_INVALID", `no column ${JSON.stringify(name)} of the file ${what}; ${hint}`, { argument });
}

/** A typed source for a file, and features that build at once. `folder` is the project's, absolute. */
export function parquetData({ path, keys, timestamp }: ParquetChoice, found: ParquetColumns, folder: string): DataSource {
  const stem = nameOf(basename(path).replace(/\.[^.]*$/, "")) ?? "data";
  const name = `${stem}_by_${nameOf(keys.join("_")) ?? "key"}`.slice(0, 110);
  const totals: FeatureText = { constant: "totals", name, about: `how many rows there are of each ${keys.join(", ")}` };
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

/** A number to aggregate over time, whose name can be part of the name of a column. */
function numberToRoll({ columns }: ParquetColumns, keys: readonly string[]): NamedColumn | undefined {
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

function sourceText({ name, path, timestamp }: SourceText, found: ParquetColumns): string {
  const candidates = timestampCandidates(found);
  const choice =
    candidates.length > 1 ? `  // Which of them says when a row became known? timestamp: ${candidates.map(literal).join(" or ")}\n` : "";
  const omitted = found.omitted.map(
    (column) => `    // Left out, as no column of a feature can hold it: ${literal(column.name)} (${column.type})\n`,
  );
  return `/** The rows of a file, which stays where it is. */
const data = source({
  name: ${literal(name)},
  path: ${literal(path)},
  columns: {
${columnLines(found.columns)
  .map((line) => `    ${line}\n`)
  .join("")}${omitted.join("")}  },
${timestamp === undefined ? choice : `  timestamp: ${literal(timestamp)},\n`}});
`;
}

function latelyText({ constant, name }: FeatureText, keys: readonly string[], value: string, timestamp: string | undefined): string {
  return `/** The rows of a day are known when it is over, and never to labels before that. */
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
  return `/** All rows, whenever they became known. */
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

/** The rows in which none of these columns is null: a key never is. */
function complete(columns: readonly string[]): string {
  const [first = "", ...others] = [...new Set(columns)].map((column) => `${member("row", column)}.isNotNull()`);
  return `.filter((row) => ${first}${others.length === 0 ? "" : `.and(${others.join(", ")})`})`;
}

/** A name for an output that no key has. */
function free(name: string, keys: readonly string[]): string {
  const taken = keys.map((key) => key.toLowerCase());
  let candidate = name;
  while (taken.includes(candidate)) candidate = `${candidate}_`;
  return propertyName(candidate);
}

/** The part of a text that may be the name of a source or a feature. */
function nameOf(text: string): string | undefined {
  const name = text
    .replace(/[^A-Za-z0-9_]+/g, "_")
    .replace(/^(?=\d)/, "_")
    .slice(0, 50);
  return /[A-Za-z0-9]/.test(name) ? name : undefined;
}
