import type { NamedColumn, Schema } from "./column.js";
import type { ConnectorQuery } from "./connector.js";
import type { AggregateCall, Expression, Literal } from "./expression.js";
import type { TimeEncoding } from "./time-encoding.js";

/**
 * A query as data: a closed, serializable tree of relational operations.
 *
 * Versioning fingerprints it, engines compile it, and tests compare it. Equal JSON means equal meaning.
 */
export type Plan =
  | Scan
  | Values
  | Filter
  | Project
  | Aggregate
  | Join
  | Union
  | Distinct
  | Sort
  | Limit
  | Sql
  | RollingAggregate
  | Sequence
  | Sessions
  | AsOfJoin
  | NumberRows
  | Zip
  | KeyViolations
  | RowChecksums;

/** The rows of a source. */
export interface Scan {
  readonly op: "scan";
  /** The name of the source, for messages. */
  readonly source: string;
  readonly format: SourceFormat;
  /** Paths as declared while the plan is logical, URLs of single files once it is given to an engine. */
  readonly paths: readonly string[];
  /** The columns to read, by name, converted to the given kinds without loss. Defaults to every column that a kind can hold. */
  readonly columns?: Schema | undefined;
  /** How timestamps among `columns` are written, by name. The others are timestamps in the files, or strings whose format the engine detects. */
  readonly encodings?: Readonly<Record<string, TimeEncoding>> | undefined;
  /**
   * The `columns` whose values are in folder names above the files, as Hive, Spark, and DuckDB write them: `dt=2024-01-01/region=eu/`.
   *
   * Kinds are those of `partitionKinds`. `nullPartition` is null. Characters that a folder name cannot contain are percent-encoded as UTF-8. A column of
   * the same name in a file is not read, and other folders mean nothing. Defaults to none.
   */
  readonly partitions?: Schema | undefined;
  /** The query to read while the plan is logical. `paths` is then empty. Engines get files instead. */
  readonly query?: ScanQuery | undefined;
  /** The feature whose published rows are read while the plan is logical. `paths` is then empty. Engines get the files of one version instead. */
  readonly feature?: string | undefined;
  /**
   * True if the files were written with exactly these columns, so columns that are not nullable have no nulls. Defaults to false: a null there fails the
   * query.
   */
  readonly trusted?: boolean | undefined;
  /**
   * The cells of the records of CSV files, which the engine finds by inspecting them: runs of `paths`, in order, whose files have the same cells. Absent
   * from every plan given to an engine.
   */
  readonly layouts?: readonly FileLayout[] | undefined;
}

/** The query or table that a connector reads, with the connector's name. */
export type ScanQuery = ConnectorQuery & { readonly connector: string };

/** CSV files whose records have the same cells. */
export interface FileLayout {
  readonly paths: readonly string[];
  /** The names of the cells, in order. */
  readonly cells: readonly string[];
  /** True if the first record of each file is a header. */
  readonly header: boolean;
}

/** The encoding of the files of a source. Nothing is guessed: every option has a default. */
export type SourceFormat = { readonly kind: "parquet" } | CsvFormat | NdjsonFormat;

/** The dialect of CSV files. Characters are single ASCII characters, all different from each other. */
export interface CsvFormat extends TextFileFormat {
  readonly kind: "csv";
  /** Defaults to `","`. */
  readonly delimiter?: string | undefined;
  /** Defaults to `'"'`. An empty string means that no value is quoted. */
  readonly quote?: string | undefined;
  /** The character before a quote that is part of a quoted value. Defaults to the quote itself. */
  readonly escape?: string | undefined;
  /** True if the first record names the columns. Defaults to true. */
  readonly header?: boolean | undefined;
  /** The strings that mean null if they are not quoted, besides the empty one. Defaults to none. */
  readonly nullText?: string | readonly string[] | undefined;
  /** The number of lines before the header that are not data. Defaults to 0. */
  readonly skip?: number | undefined;
  /** The character that begins a line that is not data. Defaults to none. It means nothing inside a line. */
  readonly comment?: string | undefined;
  /** The decimal mark of numbers. Defaults to `"."`. */
  readonly decimal?: "." | "," | undefined;
}

/** One JSON object a line. */
export interface NdjsonFormat extends TextFileFormat {
  readonly kind: "ndjson";
}

/** The options that CSV and NDJSON share. */
export interface TextFileFormat {
  /** Defaults to `"utf-8"`. A byte order mark is not part of the text; without one `"utf-16"` is little-endian. */
  readonly encoding?: TextEncoding | undefined;
  /** Defaults to the compression of the extension, `.gz` or `.zst`, or else to `"none"`. */
  readonly compression?: TextCompression | undefined;
}

/** The encodings of text files. */
export const textEncodings = ["utf-8", "latin1", "utf-16"] as const;

export type TextEncoding = (typeof textEncodings)[number];

/** The compressions of text files. */
export const textCompressions = ["none", "gzip", "zstd"] as const;

export type TextCompression = (typeof textCompressions)[number];

/** A small table whose rows are in the plan itself, in order, as if they were in a file. */
export interface Values {
  readonly op: "values";
  /** At least one column. */
  readonly columns: Schema;
  /**
   * The cells of each row, in the order of `columns`, in the text form of {@link Literal}. Lists, vectors, and structs are JSON text, with the scalars in
   * them as JSON values or as strings in the same text form.
   */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** The rows of `input` for which `condition` is true. */
export interface Filter {
  readonly op: "filter";
  readonly input: Plan;
  readonly condition: Expression;
}

/** One output row for each input row, with exactly the given columns. */
export interface Project {
  readonly op: "project";
  readonly input: Plan;
  readonly columns: readonly { readonly name: string; readonly value: Expression }[];
}

/** One output row for each distinct combination of `keys`: the keys, then the aggregates. Null is a key value like any other. */
export interface Aggregate {
  readonly op: "aggregate";
  readonly input: Plan;
  readonly keys: readonly string[];
  readonly aggregates: readonly { readonly name: string; readonly value: AggregateCall }[];
}

/** Rows of `left` with the matching rows of `right`: the columns of left, then those of right except its `on` columns. Null matches nothing. */
export interface Join {
  readonly op: "join";
  readonly left: Plan;
  readonly right: Plan;
  readonly on: readonly { readonly left: string; readonly right: string }[];
  /** `left` keeps rows without a match and gives them nulls. */
  readonly type: "inner" | "left";
}

/** All rows of all inputs, in no particular order: a row that occurs twice stays twice. There is at least one input. */
export interface Union {
  readonly op: "union";
  readonly inputs: readonly Plan[];
  /** The columns to keep, in this order. Every input has each of them, of the same type. A column is nullable if it is in one of the inputs. */
  readonly columns: readonly string[];
}

/** The distinct rows of `input`. */
export interface Distinct {
  readonly op: "distinct";
  readonly input: Plan;
}

/** The rows of `input` in the given order, ascending, nulls last. */
export interface Sort {
  readonly op: "sort";
  readonly input: Plan;
  readonly by: readonly string[];
  /** The columns to keep, in this order. Defaults to all. */
  readonly columns?: readonly string[] | undefined;
}

/** The first `count` rows of `input`. */
export interface Limit {
  readonly op: "limit";
  readonly input: Plan;
  readonly count: number;
}

/**
 * One SELECT in the engine's own dialect, over the named inputs. Its result is checked against `columns`.
 *
 * Engines refuse a query that reads anything but `inputs`, such as a file, a setting, or the network: a change there would build nothing.
 */
export interface Sql {
  readonly op: "sql";
  readonly query: string;
  /** True if the query may call functions whose results differ from run to run, such as `now` or `random`. Defaults to false: engines refuse them. */
  readonly volatile?: true | undefined;
  readonly inputs: Readonly<Record<string, Plan>>;
  readonly columns: Schema;
}

/**
 * Aggregates over windows of time, at each time at which one of them changes.
 *
 * Time is divided into tiles of `every`, aligned to the Unix epoch in UTC: tile `[b - every, b)` becomes known at `b`, and the window at `b` covers
 * `[b - window, b)`. For each combination of `keys` there is one row at each `b` where a tile with rows enters a window and at each where one
 * leaves: the keys, the time `b` in the column `timestamp`, and the outputs. If outputs have different `every`, each has at every row the value
 * of its own last tile boundary. A window without values gives what its function gives for a group without values: 0 for the counts, null for most others.
 * A window without a length covers everything before `b`, and nothing ever leaves it.
 *
 * Null is a key value like any other; rows without a timestamp give rows without one.
 */
export interface RollingAggregate {
  readonly op: "rollingAggregate";
  readonly input: Plan;
  readonly keys: readonly string[];
  /** A timestamp or date of `input`; a timestamp of the output. */
  readonly timestamp: string;
  readonly outputs: readonly RollingOutput[];
}

/** One aggregate over one window. {@link rollingCall} returns the aggregate. */
export interface RollingOutput {
  readonly name: string;
  readonly column: string;
  /** Computes like the function of the same name in {@link AggregateCall}. */
  readonly function: RollingFunction;
  /** The column that orders the rows, for functions that need it. */
  readonly by?: string | undefined;
  readonly quantile?: number | undefined;
  readonly limit?: number | undefined;
  readonly descending?: boolean | undefined;
  readonly edges?: readonly number[] | undefined;
  /** The length of a tile: microseconds, as a decimal integer. */
  readonly every: string;
  /** The length of the window, a multiple of `every`: microseconds, as a decimal integer. Absent if it has no beginning. */
  readonly window?: string | undefined;
}

/**
 * Each row of `input` with values of the rows at or before it: those with the same `keys`, in the order of `timestamp` and then of `thenBy`, ascending,
 * nulls last. Null is a key value like any other.
 *
 * Rows without a timestamp have null outputs, and no other row counts them. Rows with the same keys and timestamp must differ in `thenBy`.
 */
export interface Sequence {
  readonly op: "sequence";
  readonly input: Plan;
  readonly keys: readonly string[];
  /** A timestamp or date. */
  readonly timestamp: string;
  readonly thenBy: readonly string[];
  /** Added after the columns of `input`. */
  readonly outputs: readonly SequenceOutput[];
}

/** The number of a row, from 1, or the value of a column `offset` rows before it, which is null before the first row. */
export type SequenceOutput =
  | { readonly name: string; readonly function: "rowNumber" }
  | { readonly name: string; readonly function: "lag"; readonly column: string; readonly offset: number };

/**
 * Adds the end of its session to each row of `input`. `column` holds the time at which the session is known to have ended: `gap` after its last row.
 *
 * Rows with the same `keys` are in one session if, in the order of `timestamp`, each is at most `gap` later than the row before. Null is a key value like
 * any other. Rows without a timestamp belong to no session, and their `column` is null.
 */
export interface Sessions {
  readonly op: "sessions";
  readonly input: Plan;
  readonly keys: readonly string[];
  /** A timestamp or date. */
  readonly timestamp: string;
  /** Microseconds, as a decimal integer. */
  readonly gap: string;
  /** The name of the added column, a timestamp after the columns of `input`. */
  readonly column: string;
}

/** The aggregates that tiles can keep: their parts merge. See `rollingParts`. */
export const tiledFunctions = ["sum", "mean", "count", "min", "max", "std", "median"] as const;

export type TiledFunction = (typeof tiledFunctions)[number];

/** The aggregates that a window can have. Those that tiles do not keep are computed from the values in the window. */
export const rollingFunctions = [
  "sum",
  "mean",
  "count",
  "min",
  "max",
  "std",
  "median",
  "countDistinct",
  "approxCountDistinct",
  "first",
  "last",
  "any",
  "every",
  "mode",
  "var",
  "quantile",
  "topK",
  "collect",
  "histogram",
] as const;

export type RollingFunction = (typeof rollingFunctions)[number];

/**
 * Each row of `left` once, with the newest row of `right` known at its time: the one with equal `on` columns and the greatest timestamp that
 * is not after the left row's and, with `ttl`, less than that long before it. In no particular order.
 *
 * The columns are those of left, then the given ones of right, null if no row was found. Null matches nothing, and a row of left without a
 * timestamp matches nothing. The rows of `right` must be unique on their `on` columns and timestamp.
 */
export interface AsOfJoin {
  readonly op: "asOfJoin";
  readonly left: Plan;
  readonly right: Plan;
  readonly on: readonly { readonly left: string; readonly right: string }[];
  /** Timestamps, both of kind timestamp. */
  readonly timestamps: { readonly left: string; readonly right: string };
  /** True if a row of right with exactly the left row's timestamp counts as known. */
  readonly allowExactMatches: boolean;
  /** Microseconds, as a decimal integer. Defaults to no limit. */
  readonly ttl?: string | undefined;
  readonly columns: readonly { readonly name: string; readonly as: string }[];
}

/** The rows of `input` with their number from 0, in the order of the files and of the rows in each or in `values`, as an int64 column. */
export interface NumberRows {
  readonly op: "numberRows";
  readonly input: Plan;
  readonly column: string;
}

/** The first rows of all inputs side by side, then the second ones, and so on: scans of Parquet with the same number of rows, in their order. */
export interface Zip {
  readonly op: "zip";
  readonly inputs: readonly Scan[];
}

/**
 * Up to `limit` keys with a null in them, and up to `limit` keys that several rows share, each once, most rows first.
 *
 * The output is `keys` (nullable), a string column `violation`: `null` or `duplicate`, and an int64 column `violation_rows`: the number of rows with these
 * keys. With `sorted` the input is ordered by `keys`, so equal keys are adjacent, and only rows that break the rule need to be
 * sorted or hashed. With `unique` equal keys are known not to occur.
 */
export interface KeyViolations {
  readonly op: "keyViolations";
  readonly input: Plan;
  readonly keys: readonly string[];
  readonly sorted: boolean;
  readonly unique: boolean;
  readonly limit: number;
}

/**
 * Counts the rows of each combination of `by`, and computes a checksum of the values in their other columns. Null is a key value like any other.
 *
 * The output has the `by` columns, an int64 column `checksum_rows`, and a string column `checksum`. The checksum does not depend on the order of the rows
 * or on the files that they are in. If the rows differ in a value, the chance of equal checksums is 2^-64. Checksums of different versions of an engine
 * cannot be compared.
 */
export interface RowChecksums {
  readonly op: "rowChecksums";
  readonly input: Plan;
  readonly by: readonly string[];
}

/** The columns that `keyViolations` adds. */
export const violationColumn: NamedColumn = { name: "violation", kind: "string", nullable: false };
export const violationRowsColumn: NamedColumn = { name: "violation_rows", kind: "int64", nullable: false };

/** The columns that `rowChecksums` adds. */
export const checksumRowsColumn: NamedColumn = { name: "checksum_rows", kind: "int64", nullable: false };
export const checksumColumn: NamedColumn = { name: "checksum", kind: "string", nullable: false };
