import type { Columns, Plan, Row, Schema } from "@mlforge/spec";
import type { Table } from "apache-arrow";
import type { BuildContext } from "../build/context.js";
import { requireEngine } from "../build/require-engine.js";
import { findSourceFiles } from "../build/source-files.js";
import { SourceHashes } from "../build/source-hashes.js";
import { scanOf, schemaFrom } from "../define/scan-of.js";
import { type AnySource, isSource, type Source, source } from "../define/source.js";
import type { RowValue } from "../read/rows.js";
import { arrowRows, arrowSchema, isArrowTable } from "./arrow-labels.js";
import { inferSchema, isLabelRows, type LabelRow, type LabelValues, rowValues } from "./label-rows.js";
import { lockMismatch, type TrainingLock } from "./lock.js";
import { spoolValues } from "./spool-values.js";

/** Rows that say when and about what something is to be predicted: files by path, URL or glob, a source, an Arrow table, or objects. */
export type Labels = string | URL | readonly (string | URL)[] | AnySource | Table | readonly LabelRow[];

/** A row of labels as the type system sees it. */
export type LabelRowOf<L> = L extends readonly (infer R extends LabelRow)[]
  ? R
  : L extends Source<infer C extends Columns, string | undefined>
    ? Row<C>
    : Readonly<Record<string, RowValue>>;

/** Labels whose columns are known. */
export interface PreparedLabels {
  readonly schema: Schema;
  /** For a lock; undefined where the labels were given as values. */
  readonly locked: TrainingLock["labels"];
  /** The plan that reads them. Values are first written to `folder`. */
  open(folder: string, signal?: AbortSignal): Promise<Plan>;
}

/**
 * Finds the files of labels, or looks at the values.
 *
 * @throws LABELS_INVALID, SOURCE_NOT_FOUND, SOURCE_UNREADABLE, LOCK_MISMATCH where the files are not those of the lock
 */
export async function prepareLabels(
  labels: Labels,
  context: BuildContext,
  options: { readonly hints: Schema; readonly lock?: TrainingLock["labels"]; readonly signal?: AbortSignal | undefined },
): Promise<PreparedLabels> {
  if (isArrowTable(labels)) {
    const schema = arrowSchema(labels);
    return values(schema, () => arrowRows(labels, schema));
  }
  if (isLabelRows(labels)) {
    const schema = inferSchema(labels, options.hints);
    return values(schema, () => rowValues(labels, schema));
  }
  return prepareFiles(isSource(labels) ? labels : source({ name: labelsName, path: labels }), context, options);
}

const labelsName = "labels";

/** The labels that a lock names. */
export function lockedLabels({ paths, format, columns }: NonNullable<TrainingLock["labels"]>): AnySource {
  return source({ name: labelsName, path: paths, format, columns });
}

function values(schema: Schema, rows: () => Iterable<LabelValues>): PreparedLabels {
  return { schema, locked: undefined, open: (folder, signal) => spoolValues(rows(), schema, folder, signal) };
}

async function prepareFiles(
  labels: AnySource,
  context: BuildContext,
  { lock, signal }: { readonly lock?: TrainingLock["labels"]; readonly signal?: AbortSignal | undefined },
): Promise<PreparedLabels> {
  const found = await findSourceFiles(labels);
  const { fingerprint } = await new SourceHashes().of([found], signal);
  if (lock !== undefined && lock.fingerprint !== fingerprint) {
    const problem = `their SHA-256 is ${fingerprint} instead of ${lock.fingerprint}`;
    throw lockMismatch(lock.paths.join(", "), "are other labels than the lock says", [problem], "restore them, or build without the lock");
  }
  const declared = labels.columns === undefined ? undefined : schemaFrom(labels.columns);
  const scan = { ...scanOf(labels, declared), paths: found.files.map(({ url }) => url) };
  const schema = declared ?? (await requireEngine(context, "the columns of labels are found").describe(scan, { signal })).columns;
  const { paths, format } = scanOf(labels, declared);
  return {
    schema,
    locked: { paths: [...paths], format, ...(labels.columns === undefined ? {} : { columns: { ...labels.columns } }), fingerprint },
    open: async () => ({ ...scan, columns: schema }),
  };
}
