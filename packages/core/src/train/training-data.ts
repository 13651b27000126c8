import { rename, rm } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { MlforgeError, type Plan, type Schema, schemaOf, type WriteTarget } from "@mlforge/spec";
import type { RecordBatch, Table } from "apache-arrow";
import type { BuildContext } from "../build/context.js";
import { requireEngine } from "../build/require-engine.js";
import { openTemporary } from "../build/staging.js";
import { expectReadable } from "../read/read-feature.js";
import { type RowOptions, type RowValue, rowsOf } from "../read/rows.js";
import type { TrainingWarning } from "./check-training.js";
import { addedColumns, type ChosenFeature } from "./chosen-feature.js";
import { freshName } from "./fresh-name.js";
import { joinPlan, type NumberedLabels } from "./join-plan.js";
import { keysToMake, withKeys } from "./label-keys.js";
import type { PreparedLabels } from "./labels.js";
import type { TrainingLock } from "./lock.js";

export interface TrainingProgress {
  /** The feature that is being joined; undefined while the result is read or written. */
  readonly feature: string | undefined;
  /** From 0 to 1. */
  readonly fraction?: number | undefined;
}

/** How a training set is read. */
export interface TrainingReadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
}

/**
 * A training set: the label rows in their order, each with the values of the features that were known at its time.
 *
 * Nothing is computed before it is asked for, and each call computes anew; memory does not grow with the number of features.
 */
export interface TrainingData<R = Record<string, RowValue>> {
  readonly columns: Schema;
  /** What exactly it is made of. The same lock gives the same rows. */
  readonly lock: TrainingLock;
  readonly warnings: readonly TrainingWarning[];
  batches(options?: TrainingReadOptions): AsyncIterable<RecordBatch>;
  /** One object a row. @throws NUMBER_UNSAFE for an integer beyond 2^53 */
  rows(options?: TrainingReadOptions): AsyncIterable<R>;
  /** One object a row, with large integers or timestamps as {@link RowOptions} says. */
  rows(options: TrainingReadOptions & RowOptions): AsyncIterable<Record<string, RowValue>>;
  /** All of it in memory. */
  table(options?: TrainingReadOptions): Promise<Table>;
  /**
   * Writes it to a Parquet or CSV file, as the ending of the path says, without passing it through JavaScript. The file appears when it is whole,
   * and replaces what was there.
   */
  write(path: string, options?: TrainingReadOptions): Promise<{ readonly rows: number; readonly path: string }>;
}

/** What a training set is computed from. */
export interface TrainingParts {
  readonly labels: PreparedLabels;
  readonly timestamp: string | undefined;
  readonly features: readonly ChosenFeature[];
  readonly allowExactMatches: boolean;
  readonly lock: TrainingLock;
  readonly warnings: readonly TrainingWarning[];
  /** Whether data files are first checked against their SHA-256. */
  readonly verify: boolean;
}

export function trainingData(parts: TrainingParts, context: BuildContext): TrainingData {
  const columns: Schema = [...parts.labels.schema, ...parts.features.flatMap(addedColumns)];
  const engine = requireEngine(context, "a training set is joined");
  async function* batches(options: TrainingReadOptions = {}): AsyncGenerator<RecordBatch, void, undefined> {
    const { signal, onProgress } = options;
    await using staging = await openTemporary();
    const plan = await resultPlan(parts, context, staging.path, options);
    yield* engine.run(plan, { signal, onProgress: ({ fraction }) => onProgress?.({ feature: undefined, fraction }) });
  }
  return {
    columns,
    lock: parts.lock,
    warnings: parts.warnings,
    batches,
    async *rows(options: TrainingReadOptions & RowOptions = {}) {
      for await (const batch of batches(options)) yield* rowsOf(batch, columns, options);
    },
    async table(options) {
      const arrow = await import("apache-arrow");
      const all: RecordBatch[] = [];
      for await (const batch of batches(options)) all.push(batch);
      return new arrow.Table(all);
    },
    async write(path, { signal, onProgress } = {}) {
      const format = formatOf(path);
      const target = resolve(path);
      await using staging = await openTemporary();
      const plan = await resultPlan(parts, context, staging.path, { signal, onProgress });
      const partial = join(dirname(target), `.${context.newId()}.partial`);
      try {
        const { rows } = await engine.write(
          plan,
          { url: pathToFileURL(partial).href, format },
          { signal, onProgress: ({ fraction }) => onProgress?.({ feature: undefined, fraction }) },
        );
        await rename(partial, target);
        return { rows, path: target };
      } finally {
        await rm(partial, { force: true });
      }
    },
  };
}

function formatOf(path: string): WriteTarget["format"] {
  const ending = extname(path).toLowerCase();
  if (ending === ".parquet") return "parquet";
  if (ending === ".csv") return "csv";
  throw new MlforgeError("USAGE_INVALID", `a training set is written to .parquet or .csv, not to "${path}"; choose one of these endings`, {
    argument: path,
  });
}

/**
 * The plan of the result. One feature is joined in the plan itself; several are joined one after another into files of their own, which
 * are read side by side, so that no more than one of them is in memory.
 */
async function resultPlan(parts: TrainingParts, context: BuildContext, folder: string, options: TrainingReadOptions): Promise<Plan> {
  const { labels, features, timestamp, allowExactMatches } = parts;
  const { store } = context;
  const { signal, onProgress } = options;
  const engine = requireEngine(context, "a training set is joined");
  for (const { metadata } of features) await expectReadable(context, metadata, { verify: parts.verify, signal });
  const source = await labels.open(folder, signal);
  const names = labels.schema.map(({ name }) => name);
  const row = freshName([...names, ...features.flatMap(({ metadata, columns }) => [...metadata.keys, ...columns.map(({ as }) => as)])]);
  const made = keysToMake(labels.schema, features);
  const [first, ...others] = features;
  if (first === undefined) return source;
  if (others.length === 0) {
    return joinPlan({ plan: numbered(withKeys(source, made), row), row, timestamp }, first, { store, allowExactMatches, keep: names });
  }
  const write = async (plan: Plan, file: string, feature: string | undefined): Promise<Plan & { readonly op: "scan" }> => {
    const url = pathToFileURL(join(folder, file)).href;
    onProgress?.({ feature });
    await engine.write(plan, { url, format: "parquet" }, { signal, onProgress: ({ fraction }) => onProgress?.({ feature, fraction }) });
    return { op: "scan", source: file, format: { kind: "parquet" }, paths: [url], columns: schemaOf(plan) };
  };
  const rows = await write(
    { op: "project", input: source, columns: names.map((name) => ({ name, value: { expr: "column", name } })) },
    "rows.parquet",
    undefined,
  );
  const parted = [rows];
  for (const [index, feature] of features.entries()) {
    const ownKeys = made.filter(({ name }) => feature.metadata.keys.includes(name));
    const used = new Set([...feature.metadata.keys, timestamp, ...ownKeys.flatMap(({ from }) => from.map(({ name }) => name))]);
    const narrow: NumberedLabels = {
      plan: numbered(withKeys({ ...rows, columns: rows.columns?.filter(({ name }) => used.has(name)) }, ownKeys), row),
      row,
      timestamp,
    };
    const plan = joinPlan(narrow, feature, { store, allowExactMatches, keep: [] });
    if (feature.columns.length > 0) parted.push(await write(plan, `feature_${index}.parquet`, feature.metadata.name));
  }
  return { op: "zip", inputs: parted };
}

function numbered(input: Plan, column: string): Plan {
  return { op: "number", input, column };
}
