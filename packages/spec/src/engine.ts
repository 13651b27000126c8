import type { RecordBatch } from "apache-arrow";
import type { Schema } from "./column.js";
import type { Plan, RollingFunction } from "./plan.js";

/**
 * Runs plans.
 *
 * The scans of a plan given to an engine hold URLs of single files. Every call rejects with `signal.reason` when its signal is aborted, after what it
 * was writing is gone.
 *
 * Errors of every call: SOURCE_UNREADABLE, SCHEMA_MISMATCH, ARITHMETIC_OVERFLOW, ENGINE_RESOURCES_EXHAUSTED, TRANSFORM_FAILED.
 */
export interface Engine extends AsyncDisposable {
  readonly specVersion: 1;
  /** Short, for messages and metadata: `duckdb`. */
  readonly name: string;
  /** The version of the engine itself, for metadata. */
  readonly version: string;
  readonly capabilities: EngineCapabilities;

  /** The columns a plan gives, without running it. */
  describe(plan: Plan, options?: EngineOptions): Promise<Description>;

  /**
   * The rows of a plan, in the plan's order if it ends in a sort. At least one batch, which is empty where there are no rows, so that the
   * columns are known. Breaking out of the loop releases everything.
   */
  run(plan: Plan, options?: EngineOptions): AsyncIterable<RecordBatch>;

  /**
   * Writes the rows of a plan to files, without their passing through JavaScript. The same rows give the same bytes.
   *
   * @throws ENGINE_RESOURCES_EXHAUSTED with the `path` of the target if there is no room for it.
   */
  write(plan: Plan, target: WriteTarget, options?: EngineOptions): Promise<WriteResult>;
}

export interface EngineCapabilities {
  /** The URL schemes whose files it can read itself, for example `file`. */
  readonly reads: readonly string[];
  /** The URL schemes to which it can write itself. */
  readonly writes: readonly string[];
  /** How many of its calls are worth having run at the same time. */
  readonly concurrency: number;
  /** The aggregates of windows that it computes exactly. */
  readonly rolling: readonly RollingFunction[];
}

export interface EngineOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called now and then while a query runs. */
  readonly onProgress?: ((progress: EngineProgress) => void) | undefined;
}

export interface EngineProgress {
  /** From 0 to 1, as the engine estimates it. */
  readonly fraction: number;
}

export interface Description {
  readonly columns: Schema;
  /** Columns of a scan whose type no column kind can hold, with the engine's own name of the type. */
  readonly unsupported: readonly { readonly name: string; readonly type: string }[];
  /** The timestamps of a scan of Parquet that its files hold without a time zone, as local times; they are read as UTC. Defaults to none. */
  readonly localTimestamps?: readonly string[] | undefined;
}

/** Where and how to write. `url` names a file that does not exist yet, in a folder that does. */
export interface WriteTarget {
  readonly url: string;
  /** `csv` has a header, and times in ISO 8601. */
  readonly format: "parquet" | "csv";
  /**
   * The timestamp columns that Parquet gets without a time zone (`isAdjustedToUTC=false`), by name. Defaults to none: timestamps are written adjusted to
   * UTC.
   */
  readonly localTimestamps?: readonly string[] | undefined;
}

export interface WriteResult {
  readonly rows: number;
  /** URLs of the files written: `target.url`, or several below it where the engine is distributed. */
  readonly files: readonly string[];
}
