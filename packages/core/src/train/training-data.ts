import { rename, rm, stat } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { MlforgeError, type Schema, type WriteResult, type WriteTarget } from "@mlforge/spec";
import type { RecordBatch, Table } from "apache-arrow";
import { attempt } from "../log/attempt.js";
import type { TrainingLock } from "../read/lock.js";
import { type RowOptions, type RowValue, rowsOf } from "../read/rows.js";
import type { BuildContext } from "../sources/context.js";
import { isLocal } from "../sources/remote-files.js";
import { schemeOf } from "../sources/remotes.js";
import { requireEngine } from "../sources/require-engine.js";
import { openTemporary } from "../sources/staging.js";
import type { TrainingWarning } from "./check-training.js";
import { addedColumns } from "./chosen-feature.js";
import { resultPlan, type TrainingParts, type TrainingReadOptions } from "./result-plan.js";

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
   * and replaces what was there. A URL such as `s3://...` names an object of a remote. An engine that writes folders makes a folder of files with
   * this name, and writes to a URL directly if it can.
   *
   * In Parquet, timestamps are adjusted to UTC. Those of labels that have no time zone, as `datetime64[us]` in pandas, stay without one.
   */
  write(path: string, options?: TrainingReadOptions): Promise<{ readonly rows: number; readonly path: string }>;
}

export function trainingData(parts: TrainingParts, context: BuildContext): TrainingData {
  const columns: Schema = [...parts.labels.schema, ...parts.features.flatMap(addedColumns)];
  const engine = requireEngine(context, "a training set is joined");
  async function* batches(options: TrainingReadOptions = {}): AsyncGenerator<RecordBatch, void, undefined> {
    const { signal, onProgress } = options;
    await using staging = await openTemporary();
    const plan = await resultPlan(parts, context, staging.path, options);
    yield* engine.run(plan, { signal, onProgress: ({ fraction }) => onProgress?.({ feature: undefined, fraction }) });
    await parts.labels.expectUnchanged();
  }
  /** Writes to a new file, or to a new folder for an engine that writes folders. */
  async function writeNew(url: string, format: WriteTarget["format"], options: TrainingReadOptions): Promise<WriteResult> {
    const { signal, onProgress } = options;
    await using staging = await openTemporary();
    const plan = await resultPlan(parts, context, staging.path, { signal, onProgress });
    const written = await engine.write(
      plan,
      { url, format, localTimestamps: parts.labels.localTimestamps },
      { signal, onProgress: ({ fraction }) => onProgress?.({ feature: undefined, fraction }) },
    );
    await parts.labels.expectUnchanged();
    return written;
  }
  async function writeLocal(target: string, format: WriteTarget["format"], options: TrainingReadOptions): Promise<number> {
    await expectPlaceFor(target);
    const partial = join(dirname(target), `.${context.newId()}.partial`);
    try {
      const { rows } = await writeNew(pathToFileURL(partial).href, format, options);
      await rename(partial, target);
      return rows;
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }
  async function writeRemote(url: string, format: WriteTarget["format"], options: TrainingReadOptions): Promise<number> {
    const { signal } = options;
    const { store, key } = context.remotes.open(url);
    if (engine.capabilities.writes.includes(schemeOf(url) ?? "")) return (await writeNew(url, format, options)).rows;
    await using folder = await openTemporary();
    const target = pathToFileURL(join(folder.path, `result.${format}`)).href;
    const { rows, files } = await writeNew(target, format, options);
    for (const file of files) {
      const body = { file: fileURLToPath(file.url) };
      await attempt(() => store.put(`${key}${file.url.slice(target.length)}`, body, { signal }), signal);
    }
    return rows;
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
    async write(path, options = {}) {
      const format = formatOf(path);
      if (isLocal(path) || schemeOf(path) === undefined) {
        const target = resolve(isLocal(path) ? fileURLToPath(path) : path);
        return { rows: await writeLocal(target, format, options), path: target };
      }
      return { rows: await writeRemote(path, format, options), path };
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

/** Before anything is computed, which may take long. @throws USAGE_INVALID */
async function expectPlaceFor(target: string): Promise<void> {
  const folder = dirname(target);
  if (!(await isFolder(folder))) throw unwritable(target, `there is no folder "${folder}"; make it first`);
  if (await isFolder(target)) throw unwritable(target, `"${target}" is a folder; name a file in it`);
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

function unwritable(target: string, why: string): MlforgeError<"USAGE_INVALID"> {
  return new MlforgeError("USAGE_INVALID", `the training set cannot be written: ${why}`, { argument: target });
}
