import type { NamedColumn, Schema } from "./column.js";
import type { SourceFormat } from "./plan.js";
import type { TimeEncoding } from "./time-encoding.js";

/**
 * Reads the rows of a query or a table of a database into a local file, which core stages for the engine.
 *
 * A connector moves rows and knows nothing of features. Its laws are the names of the tests in `@mlforge/testkit/connector`:
 * - A value arrives exactly, as the requested kind, or the call fails and names the column. Null stays null.
 * - `read` resolves only after every row is in the file, and returns the number of rows.
 * - The rows and the fingerprint of one `read` come from the same snapshot.
 * - Equal rows have equal fingerprints, in any order. Different rows have different fingerprints.
 * - No error, text, or property contains a secret.
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
   * Names the database and the user, for messages, and to tell the rows of different databases apart. Contains no secret.
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

/** The rows to read: a query in the database's own language, or a table, written as `schema.table`. */
export type ConnectorQuery = { readonly kind: "query"; readonly text: string } | { readonly kind: "table"; readonly name: string };

/**
 * How to detect changed rows. `rows`: a checksum of all rows, computed by the database. `query`: the result of another query,
 * such as `select count(*), max(updated_at) from orders`. Changes that its result does not show are missed.
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
  /** How a timestamp is written if the database has strings or integers. */
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
  /** The columns of the query that a kind holds exactly, in order. */
  readonly columns: Schema;
  /** The other columns, each with the database's name of its type and advice. */
  readonly unsupported: readonly { readonly name: string; readonly type: string; readonly advice: string }[];
  /** The declared columns that are missing or cannot be read as declared, each with a message that says why. Empty if all can be read. */
  readonly problems: readonly { readonly column: string; readonly message: string }[];
}

/** The rows that a connector wrote. */
export interface QueryRows {
  /** The number of rows that the database sent, by its own count. Core checks that the engine reads as many. */
  readonly rows: number;
  readonly fingerprint: string;
  /** The format of the file. It has the requested columns, and can have others. */
  readonly format: SourceFormat;
  /** How timestamps are written in the file, by column. Required for each timestamp in a text format. */
  readonly encodings?: Readonly<Record<string, TimeEncoding>> | undefined;
}
