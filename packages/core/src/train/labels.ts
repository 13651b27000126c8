import { createHash } from "node:crypto";
import type { Columns, Plan, Row, Schema } from "@mlforge/spec";
import type { Table } from "apache-arrow";
import { declaredColumns, scanOf } from "../define/scan-of.js";
import { type AnySource, isSource, type Source, type SourceOptions, source } from "../define/source.js";
import { unknownColumn } from "../define/unknown-column.js";
import { lockMismatch, type TrainingLock } from "../read/lock.js";
import type { RowValue } from "../read/rows.js";
import { scanOfFiles } from "../sources/bind-sources.js";
import type { BuildContext } from "../sources/context.js";
import { canonicalJson } from "../sources/fingerprint.js";
import { withPartitions } from "../sources/partition-values.js";
import { readsQuery } from "../sources/query-columns.js";
import { QueryFile } from "../sources/query-file.js";
import { requireEngine } from "../sources/require-engine.js";
import { expectUnchanged, findSourceFiles, type SourceFiles } from "../sources/source-files.js";
import { hashSourceFile } from "../sources/source-hashes.js";
import { arrowLocalTimestamps, arrowSchema, isArrowTable, labelsOfTable } from "./arrow-labels.js";
import { inferSchema, isLabelRows, type LabelPart, type LabelRow, labelsInvalid, labelsOfRows } from "./label-rows.js";
import { spoolValues } from "./spool-values.js";

/** Rows that say when to predict, and for which entities: files by path, URL, or glob, a source, an Arrow table, or objects. */
export type Labels = FileLabels | AnySource | Table | readonly LabelRow[];

/** Label files by path, URL, or glob. */
export type FileLabels = string | URL | readonly (string | URL)[];

/** The type of a label row when it is read back. */
export type LabelRowOf<L> = L extends readonly (infer R extends LabelRow)[]
  ? ReadBack<R>
  : L extends Source<infer C extends Columns, string | undefined>
    ? Row<C>
    : Readonly<Record<string, RowValue>>;

/** An omitted value is read back as null, and a bigint as a number. */
type ReadBack<R> = {
  -readonly [A in keyof R]-?: R[A] extends infer V ? (V extends undefined ? null : V extends bigint ? number : V) : never;
};

/** Labels with known columns. */
export interface PreparedLabels {
  readonly schema: Schema;
  /** Problems of the labels themselves. If there are any, the labels must not be opened. */
  readonly problems: readonly string[];
  /** The entry of a lock. Undefined if the labels were passed as values. */
  readonly locked: TrainingLock["labels"];
  /** The timestamp columns without a time zone, so that they get none in a Parquet file either. */
  readonly localTimestamps: readonly string[];
  /** Returns the plan that reads the labels. Writes values to `folder` first. */
  open(folder: string, signal?: AbortSignal): Promise<Plan>;
  /** Checks that every file is still in the state in which it was found. @throws SOURCE_CHANGED */
  expectUnchanged(): Promise<void>;
}

/**
 * Finds the files of labels, or infers the columns of values.
 *
 * @throws SOURCE_NOT_FOUND, SOURCE_UNREADABLE, LOCK_MISMATCH if the files are not those of the lock
 */
export async function prepareLabels(
  labels: Labels,
  context: BuildContext,
  options: {
    readonly hints: Schema;
    readonly lock?: TrainingLock["labels"];
    /** The types of some columns, instead of the types found in the files. */
    readonly types?: Columns | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<PreparedLabels> {
  const problems: string[] = [];
  const { types } = options;
  if (types !== undefined && (isArrowTable(labels) || isLabelRows(labels)))
    throw labelsInvalid(["labelTypes apply to files, but the labels were passed as values"]);
  if (isArrowTable(labels)) {
    const schema = arrowSchema(labels, problems);
    return values(schema, problems, () => labelsOfTable(labels, schema), arrowLocalTimestamps(labels));
  }
  if (isLabelRows(labels)) {
    const schema = inferSchema(labels, options.hints, problems);
    return values(schema, problems, () => [labelsOfRows(labels, schema)]);
  }
  const files = isSource(labels) ? labels : source({ name: labelsName, path: labels });
  return prepareFiles(types === undefined ? files : await withTypes(files, types, context, options.signal), context, options);
}

/** Declares every column of the labels: as `types` says, otherwise as the source declares, otherwise as found in the files. */
async function withTypes(labels: AnySource, types: Columns, context: BuildContext, signal?: AbortSignal): Promise<AnySource> {
  const found = await findLabels(labels, context, signal);
  const scan = scanOfFiles(scanOf(labels), found.files);
  const { columns, unsupported } = await requireEngine(context, "finding the columns of labels needs").describe(scan, { signal });
  const inFolders = Object.keys(labels.partitions ?? {});
  const described = Object.fromEntries(columns.filter(({ name }) => !inFolders.includes(name)).map(({ name, ...type }) => [name, type]));
  const known = [...Object.keys(labels.columns ?? described), ...unsupported.map(({ name }) => name)];
  const problems = Object.keys(types)
    .filter((name) => !known.includes(name))
    .map((name) => `labelTypes: ${unknownColumn(name, known, "the labels")}`);
  if (problems.length > 0) throw labelsInvalid(problems);
  return { ...labels, columns: { ...(labels.columns ?? described), ...types } };
}

const labelsName = "labels";

/** Returns the labels that a lock names. @throws LABELS_INVALID for a query, since a lock contains no connector */
export function lockedLabels(locked: NonNullable<TrainingLock["labels"]>): AnySource {
  if ("query" in locked) {
    const { connector } = locked.query;
    throw labelsInvalid([`the labels of the lock are a ${connector} query; pass the same source as labels, together with the lock`]);
  }
  const { paths, format, columns, partitions, hidden } = locked;
  const declared: SourceOptions<Columns, undefined> = { name: labelsName, path: paths, format, columns, partitions, hidden };
  return source(declared);
}

/** Returns the entry of a lock for these labels. Returns undefined for labels other than those of the lock, which are allowed. */
export function lockOfLabels(labels: Labels | undefined, lock: TrainingLock): TrainingLock["labels"] {
  if (labels === undefined) return lock.labels;
  if (lock.labels === undefined || !("query" in lock.labels) || !isSource(labels) || !readsQuery(labels)) return undefined;
  const { connector, rows } = labels.query;
  return canonicalJson({ connector: connector.name, ...rows }) === canonicalJson(lock.labels.query) ? lock.labels : undefined;
}

function values(
  schema: Schema,
  problems: readonly string[],
  parts: () => Iterable<LabelPart>,
  localTimestamps: readonly string[] = [],
): PreparedLabels {
  return {
    schema,
    problems,
    localTimestamps,
    locked: undefined,
    expectUnchanged: async () => {},
    open: (folder, signal) => spoolValues(parts(), schema, folder, signal),
  };
}

async function prepareFiles(
  labels: AnySource,
  context: BuildContext,
  { lock, signal }: { readonly lock?: TrainingLock["labels"]; readonly signal?: AbortSignal | undefined },
): Promise<PreparedLabels> {
  const found = await findLabels(labels, context, signal);
  const fingerprint = await fingerprintOf(found, signal);
  if (lock !== undefined && lock.fingerprint !== fingerprint) {
    const problem = `their SHA-256 is ${fingerprint} instead of ${lock.fingerprint}`;
    throw lockMismatch(
      "query" in lock ? found.source : lock.paths.join(", "),
      "are not the labels of the lock",
      [problem],
      "restore them, or build without the lock",
    );
  }
  const declared = declaredColumns(labels);
  const scan = scanOfFiles(scanOf(labels, declared), found.files);
  const isDescribed = declared === undefined || scan.format.kind === "parquet";
  const described = isDescribed
    ? await requireEngine(context, "finding the columns of labels needs").describe(scan, { signal })
    : undefined;
  const schema = declared ?? described?.columns ?? [];
  const problems = (described?.unsupported ?? []).map(
    ({ name, type }) =>
      `column "${name}" of the labels is ${type}, which no column type can hold; cast or drop it, or declare the other columns in a source(...)`,
  );
  return {
    schema,
    problems,
    localTimestamps: described?.localTimestamps ?? [],
    locked: lockLabels(labels, fingerprint),
    open: async () => ({ ...scan, columns: schema }),
    expectUnchanged: () => expectUnchanged([found]),
  };
}

function lockLabels(labels: AnySource, fingerprint: string): TrainingLock["labels"] {
  const { paths, format, query } = scanOf(labels);
  if (query !== undefined) return { query, fingerprint };
  return {
    paths: [...paths],
    format,
    ...(labels.columns === undefined ? {} : { columns: { ...labels.columns } }),
    ...(labels.partitions === undefined ? {} : { partitions: { ...labels.partitions } }),
    ...(labels.hidden ? { hidden: true } : {}),
    fingerprint,
  };
}

/** Finds the files of labels. Reads the rows of a query immediately and keeps them until `context` is disposed of. */
async function findLabels(labels: AnySource, context: BuildContext, signal?: AbortSignal): Promise<SourceFiles> {
  if (!readsQuery(labels)) return findSourceFiles(labels, context, signal);
  const file = new QueryFile(labels, context);
  context.files.knowMade(file);
  await file.stage(signal);
  return file.files(signal);
}

/** Returns the SHA-256 over the contents of the files, or over the states of objects in a store, in the order of the labels. */
async function fingerprintOf({ source, files }: SourceFiles, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${withPartitions(await hashSourceFile(source, file, signal), file)}\n`);
  }
  return hash.digest("hex");
}
