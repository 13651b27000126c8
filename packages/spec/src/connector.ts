import type { NamedColumn, Schema } from "./column.js";
import type { SourceFormat } from "./plan.js";
import type { TimeEncoding } from "./time-encoding.js";

/**
 * Reads the rows of a query or a table of a database into a local file, which core stages for the engine.
 *
 * A connector moves rows and knows nothing of features. Its laws are the names of the tests in `@mlforge/testkit/connector`:
 * - A value arrives exactly, as the kind it was asked for, or the call fails and names the column. Null stays null.
 * - `read` resolves only after every row is in the file, and says how many rows these are.
 * - The rows and the fingerprint of one `read` are those of one moment.
 * - Equal rows have equal fingerprints, in whatever order the database gives them. Different rows have different ones.
 * - No error, text or property holds a secret.
 *
 * Every call rejects with `signal.reason` when its signal is aborted, after the database has stopped working on it.
 *
 * Errors of every call: SOURCE_UNAVAILABLE, SOURCE_ACCESS_DENIED, SOURCE_UNREADABLE, SCHEMA_MISMATCH, ENVIRONMENT_MISSING, USAGE_INVALID.
 */
export interface Connector extends AsyncDisposable {
  readonly specVersion: 1;
  /** Short, for messages and metadata: `postgres`. */
  readonly name: string;

  /**
   * Says which database is read and as whom, for messages, and to keep the rows of different places apart. Holds no secret.
   *
   * @throws ENVIRONMENT_MISSING, USAGE_INVALID
   */
  locate(): string;

  /** Describes the columns of a query without running it, and says why declared columns cannot be read. */
  describe(request: DescribeRequest, options?: ConnectorOptions): Promise<QueryDescription>;

  /** Computes the fingerprint of the rows as they are now. Transfers none of them. */
  fingerprint(request: ReadRequest, options?: ConnectorOptions): Promise<string>;

  /** Writes the rows to `file`, which does not exist yet, and computes their fingerprint. Holds a bounded number of rows in memory. */
  read(request: ReadRequest, file: string, options?: ReadRowsOptions): Promise<QueryRows>;
}

/** The rows to read: those of a query in the database's own language, or of a table, written as `schema.table`. */
export type ConnectorQuery = { readonly kind: "query"; readonly text: string } | { readonly kind: "table"; readonly name: string };

/**
 * How to tell whether the rows changed. `rows`: a checksum over all of them, computed by the database. `query`: the result of another query,
 * such as `select count(*), max(updated_at) from orders`, which must differ whenever the rows do.
 */
export type RowsFingerprint = { readonly kind: "rows" } | { readonly kind: "query"; readonly text: string };

export interface DescribeRequest {
  /** The name of the source, for messages. */
  readonly source: string;
  readonly query: ConnectorQuery;
  /** The columns that the source declares. Defaults to none. */
  readonly declared?: readonly RequestedColumn[] | undefined;
}

export interface ReadRequest {
  /** The name of the source, for messages. */
  readonly source: string;
  readonly query: ConnectorQuery;
  /** The columns to read, by name, in the order in which the file has them. */
  readonly columns: readonly RequestedColumn[];
  readonly fingerprint: RowsFingerprint;
}

/** A column as a source declares it, or as `describe` found it. */
export interface RequestedColumn extends NamedColumn {
  /** How a timestamp is written where the database has text or integers. */
  readonly encoding?: TimeEncoding | undefined;
}

export interface ConnectorOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ReadRowsOptions extends ConnectorOptions {
  /** Called now and then with the number of bytes written so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

export interface QueryDescription {
  /** Every column of the query whose values a kind holds exactly, in order. */
  readonly columns: Schema;
  /** Every other column, with the database's own name of its type, and what to do about it. */
  readonly unsupported: readonly { readonly name: string; readonly type: string; readonly advice: string }[];
  /** The declared columns that are missing or cannot be read as declared, each with a message that says why. Empty if all can be read. */
  readonly problems: readonly { readonly column: string; readonly message: string }[];
}

/** The rows that a connector wrote. */
export interface QueryRows {
  /** How many rows the database sent, by its own count. Core checks that an engine reads as many. */
  readonly rows: number;
  readonly fingerprint: string;
  /** How the file is written. It has the requested columns, and may have others. */
  readonly format: SourceFormat;
  /** How the file has timestamps, by column. Needed for each timestamp in a text format. */
  readonly encodings?: Readonly<Record<string, TimeEncoding>> | undefined;
}
