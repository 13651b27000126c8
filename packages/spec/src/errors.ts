import type { RuleResult } from "./rule-result.js";

/**
 * What each error code means, what to do about it, and the details it carries.
 *
 * Codes are public API and never reused; messages are not. `docs/errors.md` is generated from these comments.
 */
export interface ErrorDetails {
  /** A definition is wrong: a name, a column, a key or an expression. Do: fix every listed issue; nothing was built. */
  DEFINITION_INVALID: { readonly issues: readonly DefinitionIssue[] };
  /** The definitions file could not be found or evaluated, or exports no `Definitions`. Do: fix the file named in `path`. */
  DEFINITIONS_NOT_LOADED: { readonly path: string };
  /** The chosen profile gives no offline store, or threw. Do: correct what the message names, or choose another with `--profile`. */
  PROFILE_FAILED: { readonly profile: string };
  /** An environment variable that is needed is not set, or empty. Do: set it. */
  ENVIRONMENT_MISSING: { readonly variable: string };
  /** No feature, entity, source or profile has this name. Do: use one of `available`. */
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
  /** A source matches no file. Do: check the path; relative paths start at the working directory. */
  SOURCE_NOT_FOUND: { readonly source: string; readonly path: string };
  /** A source file is not in the declared format, may not be read, or is in folders that do not have the declared values. Do: check the file, and the `format` and `partitions` of the source. */
  SOURCE_UNREADABLE: { readonly source: string; readonly path: string; readonly line?: number | undefined };
  /** A source file changed while it was read. Do: build again when nothing writes to it. */
  SOURCE_CHANGED: { readonly source: string; readonly path: string };
  /** The database of a source could not be reached, or ended the connection. Do: try again. */
  SOURCE_UNAVAILABLE: { readonly source: string; readonly place: string };
  /** The database of a source refuses the login, or lets this user not read. Do: correct the credentials, or grant the permission. */
  SOURCE_ACCESS_DENIED: { readonly source: string; readonly place: string };
  /** A file's columns are not the declared ones. Do: correct the declared columns of the source or of the transform. */
  SCHEMA_MISMATCH: { readonly where: string; readonly problems: readonly string[] };
  /** The text of a timestamp column can be read in several ways. Do: declare its format, `t.timestamp({ format })`, as one of `readings` has it. */
  TIMESTAMP_AMBIGUOUS: {
    readonly source: string;
    readonly column: string;
    readonly value: string;
    readonly readings: readonly { readonly format: string; readonly moment: string }[];
  };
  /** Built rows have a null key, or two rows share one key (and timestamp). Do: filter or aggregate so that each key has one row. */
  KEY_VIOLATION: {
    readonly feature: string;
    readonly keys: readonly string[];
    readonly nulls: readonly ExampleRow[];
    readonly duplicates: readonly ExampleRow[];
  };
  /** Rows break rules of the feature's validators. Do: correct the data or the transform, or let the rule tolerate a share of rows or warn; nothing was published. */
  VALIDATION_FAILED: { readonly feature: string; readonly rules: readonly RuleResult[] };
  /** A version is not `X.Y.Z` with non-negative integers, nor, to read one, `latest` or a range. Do: write it so, for example `2.0.0` or `^2.0`. */
  VERSION_INVALID: { readonly version: string };
  /** This version is already claimed or published; versions are never overwritten. Do: choose another number, or leave the choice to the build. */
  VERSION_EXISTS: { readonly feature: string; readonly version: string };
  /** The feature has no such version, or was never built. Do: build it, or choose one of `available`. */
  VERSION_NOT_FOUND: { readonly feature: string; readonly version: string; readonly available: readonly string[] };
  /** Somebody moved the pointer of a feature while it was rolled back to its previous version, which is another one now. Do: look at `mlforge log`, and name the version. */
  POINTER_MOVED: { readonly feature: string; readonly from: string | undefined; readonly to: string | undefined };
  /** Stored data does not match its recorded size or hash, or does not decode. Do: build it again as it was with `mlforge sync`, read another version, or publish a new one with `mlforge build --force`. */
  DATA_CORRUPT: { readonly key: string; readonly reason: string };
  /** Stored metadata is truncated or of another shape. Do: restore it from a backup or from Git. */
  METADATA_INVALID: { readonly key: string; readonly problems: readonly string[] };
  /** Stored metadata was written by a newer mlforge. Do: upgrade mlforge. */
  LAYOUT_UNSUPPORTED: { readonly key: string; readonly found: number; readonly supported: number };
  /** The data of a version cannot be built again as it was. Do: restore what `problems` name, or publish a new version with `mlforge sync --force`. */
  SYNC_MISMATCH: { readonly feature: string; readonly version: string; readonly problems: readonly string[] };
  /** The key does not exist in the store. Do: check the key. */
  STORE_NOT_FOUND: { readonly store: string; readonly key: string };
  /** A conditional put lost: somebody else wrote first. Do: read again, decide again, try again. */
  STORE_CONFLICT: { readonly store: string; readonly key: string };
  /** The store could not answer; a write may or may not have happened. Do: try again. */
  STORE_UNAVAILABLE: { readonly store: string; readonly operation: string };
  /** The store refuses this operation to these credentials; `action` is what the service calls it. Do: grant the permission, or choose another store. */
  STORE_ACCESS_DENIED: { readonly store: string; readonly operation: string; readonly key: string; readonly action?: string | undefined };
  /** The bucket does not exist, or is not accessible with these credentials. Do: create it, or correct its name or the credentials. */
  BUCKET_NOT_FOUND: { readonly store: string; readonly bucket: string };
  /** The bucket is in another region than the one that was asked; `actual` is it, where the service told. Do: give the store that region. */
  BUCKET_REGION_WRONG: {
    readonly store: string;
    readonly bucket: string;
    readonly region: string;
    readonly actual?: string | undefined;
  };
  /** There are no credentials, or the service does not accept them. Do: log in again, or correct them; `problem` says which. */
  CREDENTIALS_INVALID: { readonly store: string; readonly problem: "missing" | "expired" | "unknown" | "wrong_secret" };
  /** The clock of this machine is too far from that of the service, which refuses to answer. Do: set the clock. */
  CLOCK_SKEWED: { readonly store: string };
  /** The store has no room left. Do: free space or choose another volume. */
  STORE_FULL: { readonly store: string; readonly key: string };
  /** A store key is not allowed. Do: use `/`-separated segments that are not empty, `.` or `..`. */
  STORE_KEY_INVALID: { readonly store: string; readonly key: string };
  /** A plugin does not offer what is needed, or none was given. Do: give a plugin that has the capability. */
  CAPABILITY_MISSING: { readonly plugin: string; readonly capability: string };
  /** The labels or features of a training set do not fit together. Do: correct every listed problem; nothing was computed. */
  LABELS_INVALID: { readonly problems: readonly string[] };
  /** A file is not what a lock says it was, or the lock cannot be read. Do: restore the file, or build without the lock. */
  LOCK_MISMATCH: { readonly path: string; readonly problems: readonly string[] };
  /** Integer arithmetic left the range of its type. Do: convert to float64 or decimal first. */
  ARITHMETIC_OVERFLOW: { readonly where: string };
  /** An integer is beyond 2^53 and would lose digits as a JavaScript number. Do: ask for `bigint`. */
  NUMBER_UNSAFE: { readonly column: string; readonly value: string };
  /** The engine ran out of memory or of disk; `path` is the file it was asked to write, where there was no room for that. Do: raise its limits, give it a larger temp directory, or free space where `path` is. */
  ENGINE_RESOURCES_EXHAUSTED: { readonly engine: string; readonly path?: string | undefined };
  /** The engine refused or failed to run a query, or a transform threw. Do: read the message; it holds the engine's own words. */
  TRANSFORM_FAILED: { readonly where: string };
  /** A command was called wrongly, or an option has a value that cannot be used. Do: see its `--help`, or the comment of the option. */
  USAGE_INVALID: { readonly argument: string };
  /** Something was thrown that is none of these: a fault in mlforge or in a plugin. Do: report it with its `cause`; what became of other features holds. */
  UNEXPECTED: { readonly where: string };
}

export type ErrorCode = keyof ErrorDetails;

/** One thing wrong with a definition. `path` says where, for example `airport_delay.keys[0]`. */
export interface DefinitionIssue {
  readonly path: string;
  readonly message: string;
}

/** A few values of a row, as text, for an error message. */
export type ExampleRow = Readonly<Record<string, string | null>>;

const marker: unique symbol = Symbol.for("mlforge.error.v1");
const retryable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "STORE_CONFLICT",
  "STORE_UNAVAILABLE",
  "SOURCE_CHANGED",
  "SOURCE_UNAVAILABLE",
]);

/** The one error class of mlforge. React to `code` and `details`; show `message` to people. */
export class MlforgeError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name: string = "MlforgeError";
  readonly code: C;
  readonly details: ErrorDetails[C];

  constructor(code: C, message: string, details: ErrorDetails[C], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
    Object.defineProperty(this, marker, { value: true });
  }

  /** Whether the same call may succeed later without a change by the caller. */
  get retryable(): boolean {
    return retryable.has(this.code);
  }
}

/**
 * Whether `error` is a `MlforgeError`, of one of `codes` if any are given.
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
