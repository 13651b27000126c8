import { constants } from "node:fs";
import { access, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { MlforgeError, type Schema, type WriteResult, type WriteTarget } from "@mlforge/spec";
import { newOwnedPath } from "@mlforge/spec/ownership";
import type { RecordBatch, Table } from "apache-arrow";
import { expectNeeds, type Need } from "../compute/capabilities-needed.js";
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
 * A training set: the label rows in their order, each with the feature values known at its time.
 *
 * Computes nothing until you read it, and each call computes it again. Memory does not grow with the number of features.
 */
export interface TrainingData<R = Record<string, RowValue>> {
  readonly columns: Schema;
  /** A record of exactly what it is made from. The same lock returns the same rows. */
  readonly lock: TrainingLock;
  readonly warnings: readonly TrainingWarning[];
  batches(options?: TrainingReadOptions): AsyncIterable<RecordBatch>;
  /** Returns one object per row. @throws NUMBER_UNSAFE if an integer is beyond 2^53 */
  rows(options?: TrainingReadOptions): AsyncIterable<R>;
  /** Returns one object per row, with large integers and timestamps as {@link RowOptions} specifies. */
  rows(options: TrainingReadOptions & RowOptions): AsyncIterable<Record<string, RowValue>>;
  /** Reads all rows into memory. */
  table(options?: TrainingReadOptions): Promise<Table>;
  /**
   * Writes the training set to a Parquet or CSV file, depending on the ending of the path. The rows do not pass through JavaScript. The file appears
   * when it is complete, and replaces an existing file. A URL such as `s3://...` names an object of a remote. An engine that writes folders creates a
   * folder of files with this name, and writes to a URL directly if it can.
   *
   * In Parquet, timestamps are adjusted to UTC, except for label timestamps without a time zone, such as `datetime64[us]` in pandas, which stay
   * without one.
   */
  write(path: string, options?: TrainingReadOptions): Promise<{ readonly rows: number; readonly path: string }>;
}

export function trainingData(parts: TrainingParts, context: BuildContext): TrainingData {
  const columns: Schema = [...parts.labels.schema, ...parts.features.flatMap(addedColumns)];
  const engine = requireEngine(context, "a training set needs");
  expectNeeds(engine, needsOf(parts), "the training set");
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
    const partial = await newOwnedPath(dirname(target), ".mlforge-training-", ".partial");
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
  throw new MlforgeError(
    "USAGE_INVALID",
    `a training set can be written to .parquet or .csv, but not to "${path}"; use one of these endings`,
    {
      argument: path,
    },
  );
}

/** Checks the target before the computation, which can take long. @throws USAGE_INVALID */
async function expectPlaceFor(target: string): Promise<void> {
  const folder = dirname(target);
  if (!(await isFolder(folder))) throw unwritable(target, `the folder "${folder}" does not exist; create it first`);
  if (await isFolder(target)) throw unwritable(target, `"${target}" is a folder; add a file name`);
  const isTooLong = await stat(target).then(
    () => false,
    (error: unknown) => error instanceof Error && "code" in error && error.code === "ENAMETOOLONG",
  );
  if (isTooLong) throw unwritable(target, `the name "${basename(target)}" is too long for its file system; choose a shorter one`);
  const problem = await access(folder, constants.W_OK | constants.X_OK).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (problem !== undefined) throw unwritable(target, `this user cannot write to the folder "${folder}" (${problem}); choose another one`);
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

function unwritable(target: string, why: string): MlforgeError<"USAGE_INVALID"> {
  return new MlforgeError("USAGE_INVALID", `the training set cannot be written: ${why}`, { argument: target });
}

function needsOf({ features }: TrainingParts): readonly Need[] {
  const joins = features.map(({ metadata }) => (metadata.timestamp === undefined ? "join" : "asOfJoin"));
  const names = [...joins, ...(joins.length > 0 ? ["numberRows"] : []), ...(joins.length > 1 ? ["zip"] : [])];
  return names.map((name) => ({ what: "operation", name }));
}
