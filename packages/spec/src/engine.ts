import type { RecordBatch } from "apache-arrow";
import type { ColumnKind, Schema } from "./column.js";
import type { AggregateFunction, ScalarFunction } from "./expression.js";
import type { Leftover } from "./leftover.js";
import type { Plan, RollingFunction } from "./plan.js";

/**
 * Runs plans.
 *
 * The scans of a plan given to an engine contain URLs of single files. If its signal is aborted, a call removes what it was writing and rejects with
 * `signal.reason`.
 *
 * Errors of every call: SOURCE_UNREADABLE, SCHEMA_MISMATCH, ARITHMETIC_OVERFLOW, ENGINE_RESOURCES_EXHAUSTED, TRANSFORM_FAILED, CAPABILITY_MISSING, and those
 * of `schemaOf` for a plan that is wrong: COLUMN_UNKNOWN, DEFINITION_INVALID.
 */
export interface Engine extends AsyncDisposable {
  readonly specVersion: 1;
  /** Short, for messages and metadata: `duckdb`. */
  readonly name: string;
  /** The version of the engine itself, for metadata. */
  readonly version: string;
  readonly capabilities: EngineCapabilities;

  /** Returns the columns of a plan without running it. */
  describe(plan: Plan, options?: EngineOptions): Promise<Description>;

  /**
   * Runs a plan and returns its rows, in order if the plan ends in a sort. Yields at least one batch, so the columns are known even without rows.
   * Breaking out of the loop releases everything.
   */
  run(plan: Plan, options?: EngineOptions): AsyncIterable<RecordBatch>;

  /**
   * Writes the rows of a plan to files without passing them through JavaScript. The same rows give the same bytes. The null counts in the footers of
   * Parquet files are exact, or absent.
   *
   * @throws ENGINE_RESOURCES_EXHAUSTED with the `path` of the target if the disk is full.
   */
  write(plan: Plan, target: WriteTarget, options?: EngineOptions): Promise<WriteResult>;

  /** Finds leftovers of ended processes on this machine. Changes and starts nothing. Absent if the engine can have no leftovers. */
  leftovers?(): Promise<readonly Leftover[]>;
}

export interface EngineCapabilities {
  /** The URL schemes that the engine can read itself, for example `file`. Core downloads everything else. */
  readonly reads: readonly string[];
  /** The URL schemes that the engine can write to itself. Core moves files everywhere else. */
  readonly writes: readonly string[];
  /** `file`: {@link Engine.write} writes one file. `folder`: it writes any number of files into a folder, as clusters do. Defaults to `file`. */
  readonly output?: "file" | "folder" | undefined;
  /** The number of calls worth running at the same time. */
  readonly concurrency: number;
  /** The rolling aggregates that the engine computes exactly. */
  readonly rolling: readonly RollingFunction[];
  /** The operations of plans that the engine runs. It refuses others with CAPABILITY_MISSING. Defaults to all. */
  readonly operations?: readonly Plan["op"][] | undefined;
  /** The functions of expressions that the engine computes, and `case` and `cast`. It refuses others with CAPABILITY_MISSING. Defaults to all. */
  readonly functions?: readonly (ScalarFunction | "case" | "cast")[] | undefined;
  /** The aggregates that the engine computes. It refuses others with CAPABILITY_MISSING. Defaults to all. */
  readonly aggregates?: readonly AggregateFunction[] | undefined;
  /** The kinds of columns that the engine holds. It refuses others with CAPABILITY_MISSING. Defaults to all. */
  readonly kinds?: readonly ColumnKind[] | undefined;
  /** The formats that the engine writes. It refuses others with CAPABILITY_MISSING. Defaults to all. */
  readonly formats?: readonly WriteTarget["format"][] | undefined;
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
  /** Columns of a scan that no column kind can hold, each with the engine's name of its type. */
  readonly unsupported: readonly { readonly name: string; readonly type: string }[];
  /** The timestamps of a Parquet scan that have no time zone in the files. They are read as UTC. Defaults to none. */
  readonly localTimestamps?: readonly string[] | undefined;
}

/** Where and how to write. */
export interface WriteTarget {
  /**
   * The URL of a file that does not exist yet, in a folder that exists. For an engine whose output is a `folder`, the URL of a folder, without a slash at
   * its end. The engine creates the folder if necessary. It contains no data files yet, but can contain files whose names begin with `.`.
   */
  readonly url: string;
  /** `csv` has a header, and times are in ISO 8601. */
  readonly format: "parquet" | "csv";
  /**
   * The timestamp columns to write to Parquet without a time zone (`isAdjustedToUTC=false`), by name. Defaults to none: timestamps are written adjusted
   * to UTC.
   */
  readonly localTimestamps?: readonly string[] | undefined;
}

export interface WriteResult {
  readonly rows: number;
  /** The files written, in the order of their rows: the target, or files in it. Never empty, even without rows. */
  readonly files: readonly WrittenFile[];
}

/** A file that an engine wrote. Core reads the file to find out what the engine does not say. */
export interface WrittenFile {
  /** The URL of the target, or that URL, a slash, and a name of ASCII letters, digits, and the characters `_`, `.`, `=`, and `-`. */
  readonly url: string;
  readonly size?: number | undefined;
  /** The SHA-256 of the content, in lower-case hex. */
  readonly sha256?: string | undefined;
}
