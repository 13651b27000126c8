import { escapeControls, withoutCredentials } from "./printable.js";
import type { RuleResult } from "./rule-result.js";

/**
 * Lists each error code with its meaning, what to do about it, and its details.
 *
 * Codes are public API and never reused. Messages may change. `docs/errors.md` is generated from these comments.
 */
export interface ErrorDetails {
  /** A definition is wrong: a name, a column, a key, or an expression. Nothing was built. Do: fix every listed issue. */
  DEFINITION_INVALID: { readonly issues: readonly DefinitionIssue[] };
  /** The definitions file was not found, could not be evaluated, or does not export a `Definitions` object. Do: fix the file named in `path`. */
  DEFINITIONS_NOT_LOADED: { readonly path: string };
  /** The chosen profile threw an error, or did not return an offline store. Do: fix what the message names, or choose another profile with `--profile`. */
  PROFILE_FAILED: { readonly profile: string };
  /** A required environment variable is empty or not set. Do: set it. */
  ENVIRONMENT_MISSING: { readonly variable: string };
  /** No feature, entity, source, tag, or profile has this name. Do: use one of `available`. */
  NAME_UNKNOWN: {
    readonly what: "feature" | "entity" | "source" | "tag" | "profile";
    readonly name: string;
    readonly nearest?: string | undefined;
    readonly available: readonly string[];
  };
  /** A column does not exist. Do: use one of `available`. */
  COLUMN_UNKNOWN: {
    readonly column: string;
    readonly where: string;
    readonly nearest?: string | undefined;
    readonly available: readonly string[];
  };
  /** The path of a source matches no file. Do: check the path. Relative paths start at the working directory. */
  SOURCE_NOT_FOUND: { readonly source: string; readonly path: string };
  /** A source file is not in the declared format, cannot be read, or is in folders without the declared values. Do: check the file, and the `format` and `partitions` of the source. */
  SOURCE_UNREADABLE: { readonly source: string; readonly path: string; readonly line?: number | undefined };
  /** A source file changed while it was read. Do: build again when no process writes to it. */
  SOURCE_CHANGED: { readonly source: string; readonly path: string };
  /** The database of a source could not be reached, or ended the connection. Do: try again. */
  SOURCE_UNAVAILABLE: { readonly source: string; readonly place: string };
  /** The database of a source refused the login, or does not allow this user to read. Do: fix the credentials, or grant the permission. */
  SOURCE_ACCESS_DENIED: { readonly source: string; readonly place: string };
  /** The columns of a file or transform differ from the declared ones. Do: fix the declared columns of the source or the transform. */
  SCHEMA_MISMATCH: { readonly where: string; readonly problems: readonly string[] };
  /** The strings of a timestamp column can be read in several ways. Do: declare one of the formats in `readings` with `t.timestamp({ format })`. */
  TIMESTAMP_AMBIGUOUS: {
    readonly source: string;
    readonly column: string;
    readonly value: string;
    readonly readings: readonly { readonly format: string; readonly timestamp: string }[];
  };
  /** Computed rows have a null key, or several rows have the same key (and timestamp). Do: filter or aggregate the rows so that each key has one row. */
  KEY_VIOLATION: {
    readonly feature: string;
    readonly keys: readonly string[];
    readonly nulls: readonly ExampleRow[];
    readonly duplicates: readonly ExampleRow[];
  };
  /** Rows break the validators of a feature. Nothing was published. Do: fix the data or the transform, or give the rule a `tolerate` share or the severity `warn`. */
  VALIDATION_FAILED: { readonly feature: string; readonly rules: readonly RuleResult[] };
  /** A feature that this feature reads failed in the same run. Do: fix `upstream`, which has its own error. */
  UPSTREAM_FAILED: { readonly feature: string; readonly upstream: string };
  /** A version is not `X.Y.Z` with non-negative integers. When reading, it may also be `latest` or a range. Do: write it as in `2.0.0` or `^2.0`. */
  VERSION_INVALID: { readonly version: string };
  /** This version is already claimed or published, and versions are never overwritten. Do: choose another number, or let the build choose it. */
  VERSION_EXISTS: { readonly feature: string; readonly version: string };
  /** The feature does not have this version, or was never built. Do: build the feature, or use one of `available`. */
  VERSION_NOT_FOUND: { readonly feature: string; readonly version: string; readonly available: readonly string[] };
  /** Another process moved the latest pointer during a rollback to the previous version, so that version is now a different one. Do: run `mlforge log`, and roll back to an explicit version. */
  POINTER_MOVED: { readonly feature: string; readonly from: string | undefined; readonly to: string | undefined };
  /** Stored data is missing, does not match its recorded size or hash, or cannot be decoded. Do: rebuild it with `mlforge sync`, read another version, or publish a new one with `mlforge build --force`. */
  DATA_CORRUPT: { readonly key: string; readonly reason: string };
  /** Stored metadata is damaged. Do: restore it from a backup or from Git. */
  METADATA_INVALID: { readonly key: string; readonly problems: readonly string[] };
  /** Stored metadata was written by a newer mlforge. Do: upgrade mlforge. */
  LAYOUT_UNSUPPORTED: { readonly key: string; readonly found: number; readonly supported: number };
  /** The data of a version cannot be rebuilt exactly. Do: restore what `problems` lists, or publish a new version with `mlforge sync --force`. */
  SYNC_MISMATCH: { readonly feature: string; readonly version: string; readonly problems: readonly string[] };
  /** The key does not exist in the store. Do: check the key. */
  STORE_NOT_FOUND: { readonly store: string; readonly key: string };
  /** A conditional put failed because another process wrote first. Do: read again, decide again, and try again. */
  STORE_CONFLICT: { readonly store: string; readonly key: string };
  /** The store did not answer, or what answered is not such a store. A write may or may not have happened. `gaveUp` is true if trying again at once is useless. Do: try again, unless the message says otherwise. */
  STORE_UNAVAILABLE: { readonly store: string; readonly operation: string; readonly gaveUp?: true | undefined };
  /** The credentials do not allow this operation in the store. `action` is the name that the service gives it. Do: grant the permission, or use another store. */
  STORE_ACCESS_DENIED: { readonly store: string; readonly operation: string; readonly key: string; readonly action?: string | undefined };
  /** The bucket does not exist, or these credentials cannot access it. Do: create the bucket, or fix its name or the credentials. */
  BUCKET_NOT_FOUND: { readonly store: string; readonly bucket: string };
  /** The bucket is in another region. `actual` is that region, if the service reported it. Do: set the `region` of the store. */
  BUCKET_REGION_WRONG: {
    readonly store: string;
    readonly bucket: string;
    readonly region: string;
    readonly actual?: string | undefined;
  };
  /** The credentials are missing, or the service does not accept them. `problem` says why. Do: log in again, or fix the credentials. */
  CREDENTIALS_INVALID: { readonly store: string; readonly problem: "missing" | "expired" | "unknown" | "wrong_secret" };
  /** The clock of this machine differs too much from the clock of the store. Do: set the clock. */
  CLOCK_SKEWED: { readonly store: string };
  /** The store is full. Do: free space, or use another volume. */
  STORE_FULL: { readonly store: string; readonly key: string };
  /** A store key is not valid. Do: use segments separated by `/`. No segment may be empty, `.`, or `..`. */
  STORE_KEY_INVALID: { readonly store: string; readonly key: string };
  /** A plugin is missing, or does not have a required capability. Do: use a plugin that has the capability. */
  CAPABILITY_MISSING: { readonly plugin: string; readonly capability: string };
  /** The labels and features of a training set do not fit together. Nothing was computed. Do: fix every listed problem. */
  LABELS_INVALID: { readonly problems: readonly string[] };
  /** A file differs from what the lock file recorded, or the lock file cannot be read. Do: restore the file, or make the training set without the lock file. */
  LOCK_MISMATCH: { readonly path: string; readonly problems: readonly string[] };
  /** The result of integer or decimal arithmetic is outside the range of its type. Do: convert to float64 or a larger decimal first. */
  ARITHMETIC_OVERFLOW: { readonly where: string };
  /** An integer beyond 2^53 would lose digits as a JavaScript number. Do: read it with `int64: "bigint"`. */
  NUMBER_UNSAFE: { readonly column: string; readonly value: string };
  /** The engine ran out of memory or disk space. If it had no space for a file to write, `path` is that file. Do: raise the limits of the engine, give it a larger temporary directory, or free space at `path`. */
  ENGINE_RESOURCES_EXHAUSTED: { readonly engine: string; readonly path?: string | undefined };
  /** The engine failed to run a query, or a transform threw an error. Do: read the message, which contains the engine's own words. */
  TRANSFORM_FAILED: { readonly where: string };
  /** A command was called incorrectly, or an option has an invalid value. Do: see `--help`, or the documentation of the option. */
  USAGE_INVALID: { readonly argument: string };
  /** An unexpected error: a bug in mlforge or in a plugin. The results of other features are still valid. Do: report it with its `cause`. */
  UNEXPECTED: { readonly where: string };
}

export type ErrorCode = keyof ErrorDetails;

/** A problem in a definition. `path` says where, for example `airport_delay.keys[0]`. */
export interface DefinitionIssue {
  readonly path: string;
  readonly message: string;
}

/** Some values of a row, as strings, for an error message. */
export type ExampleRow = Readonly<Record<string, string | null>>;

const marker: unique symbol = Symbol.for("mlforge.error.v1");
const retryable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "STORE_CONFLICT",
  "STORE_UNAVAILABLE",
  "SOURCE_CHANGED",
  "SOURCE_UNAVAILABLE",
]);

/** Makes a line of a message safe to print and to log. */
function printable(line: string): string {
  return withoutCredentials(escapeControls(line));
}

/** Returns the cause of an error. If its texts have URLs with credentials, returns a copy without them, because a logger prints causes too. */
function printableCause(cause: unknown): unknown {
  if (typeof cause === "string") return withoutCredentials(cause);
  if (!(cause instanceof Error) || isMlforgeError(cause)) return cause;
  const { name, message, stack = "" } = cause;
  const inner = printableCause(cause.cause);
  if (withoutCredentials(message) === message && withoutCredentials(stack) === stack && inner === cause.cause) return cause;
  const copy = new Error(withoutCredentials(message), inner === undefined ? {} : { cause: inner });
  return Object.assign(copy, { name, stack: withoutCredentials(stack) }, "code" in cause ? { code: cause.code } : {});
}

/** Removes credentials from the URLs in the details of an error. Returns the same object if there are none. */
function printableDetails<T>(details: T): T;
function printableDetails(details: unknown): unknown {
  if (typeof details === "string") return withoutCredentials(details);
  const isList = Array.isArray(details);
  if (!isList && (typeof details !== "object" || details === null || Object.getPrototypeOf(details) !== Object.prototype)) return details;
  const entries: readonly [string, unknown][] = Object.entries(details);
  const safe = entries.map(([name, value]): [string, unknown] => [name, printableDetails(value)]);
  if (safe.every(([, value], index) => value === entries[index]?.[1])) return details;
  return isList ? safe.map(([, value]) => value) : Object.fromEntries(safe);
}

/** The error class of mlforge. Handle `code` and `details` in code; show `message` to people. */
export class MlforgeError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name: string = "MlforgeError";
  readonly code: C;
  readonly details: ErrorDetails[C];

  /**
   * @param message One line, or several. Control characters inside a line, such as a line break in the name of a column, are escaped, so that a
   * name cannot look like a line of the message or control a terminal. URLs lose their user, password, and query, which can be credentials, also in
   * `details` and `cause`.
   */
  constructor(code: C, message: string | readonly string[], details: ErrorDetails[C], options?: { readonly cause?: unknown }) {
    const lines = typeof message === "string" ? [message] : message;
    super(lines.map(printable).join("\n"), options?.cause === undefined ? options : { ...options, cause: printableCause(options.cause) });
    this.code = code;
    this.details = printableDetails(details);
    Object.defineProperty(this, marker, { value: true });
  }

  /** True if the same call may succeed later without a change. */
  get retryable(): boolean {
    return retryable.has(this.code);
  }
}

/**
 * Returns true if `error` is a `MlforgeError` with one of `codes`, or with any code if none are given.
 *
 * Works across duplicated installs, where `instanceof` does not.
 */
export function isMlforgeError<C extends ErrorCode = ErrorCode>(
  error: unknown,
  ...codes: readonly C[]
): error is { [K in C]: MlforgeError<K> }[C] {
  if (typeof error !== "object" || error === null) return false;
  if (!(marker in error) || !("code" in error)) return false;
  return codes.length === 0 || codes.some((code) => code === error.code);
}
