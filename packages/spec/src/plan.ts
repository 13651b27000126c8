import type { NamedColumn, Schema } from "./column.js";
import type { ConnectorQuery } from "./connector.js";
import type { Aggregate, Expression } from "./expression.js";
import type { TimeEncoding } from "./time-encoding.js";

/**
 * A query as data: a closed, serialisable tree of relational operations.
 *
 * It is what is fingerprinted for versioning, what engines compile and what tests compare. Equal JSON means equal meaning.
 */
export type Plan =
  | Scan
  | Filter
  | Project
  | AggregateBy
  | Join
  | Distinct
  | Sort
  | Limit
  | Sql
  | RollUp
  | AsOfJoin
  | NumberRows
  | Zip
  | KeyViolations;

/** The rows of a source. */
export interface Scan {
  readonly op: "scan";
  /** The name of the source, for messages. */
  readonly source: string;
  readonly format: SourceFormat;
  /** As declared while the plan is logical; URLs of single files once it is given to an engine. */
  readonly paths: readonly string[];
  /** The columns to read, by name, converted to the given kinds where no value is lost. Absent: every column the kinds can hold. */
  readonly columns?: Schema | undefined;
  /** How timestamps among `columns` are written, by name, where it is stated. Absent ones have a type in the files, or text whose format the engine finds. */
  readonly encodings?: Readonly<Record<string, TimeEncoding>> | undefined;
  /**
   * Those of `columns` that are in no file: each value is in the name of a folder above the file, as Hive, Spark and DuckDB write it: `dt=2024-01-01/region=eu/`.
   *
   * Kinds are those of `partitionKinds`; `nullPartition` is null. What stands for itself in no folder name is percent-encoded, as UTF-8. A column
   * of that name in a file is not read, and folders of other names mean nothing. Absent: no folder means anything.
   */
  readonly partitions?: Schema | undefined;
  /** The query whose rows are read, while the plan is logical; `paths` is empty then. Engines are given files in its place. */
  readonly query?: ScanQuery | undefined;
  /**
   * True for files that were written with exactly these columns, so that one that is not nullable has no nulls. Defaults to false: a null there fails the
   * query.
   */
  readonly trusted?: boolean | undefined;
  /**
   * The cells of the records of CSV files, which an engine finds when it looks into them: runs of `paths`, in order, whose files have the same ones. Absent
   * in every plan that is given to an engine.
   */
  readonly layouts?: readonly FileLayout[] | undefined;
}

/** What a connector reads, by the connector's name. */
export type ScanQuery = ConnectorQuery & { readonly connector: string };

/** CSV files whose records have the same cells. */
export interface FileLayout {
  readonly paths: readonly string[];
  /** The names of the cells, in order. */
  readonly cells: readonly string[];
  /** Whether the first record of each file is not data. */
  readonly header: boolean;
}

/** How the files of a source are encoded. Nothing is guessed: what is not stated has its default. */
export type SourceFormat = { readonly kind: "parquet" } | CsvFormat | NdjsonFormat;

/** The dialect of CSV files. Characters are single ASCII characters, all different from each other. */
export interface CsvFormat extends TextFileFormat {
  readonly kind: "csv";
  /** Defaults to `","`. */
  readonly delimiter?: string | undefined;
  /** Defaults to `'"'`. An empty text means that no value is quoted. */
  readonly quote?: string | undefined;
  /** The character before a quote that is part of a quoted value. Defaults to the quote itself. */
  readonly escape?: string | undefined;
  /** Whether the first record names the columns. Defaults to true. */
  readonly header?: boolean | undefined;
  /** The texts that mean null if they are not quoted, besides the empty one. Defaults to none. */
  readonly nullText?: string | readonly string[] | undefined;
  /** The lines before the header that are not data. Defaults to 0. */
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

/** What CSV and NDJSON have in common. */
export interface TextFileFormat {
  /** Defaults to `"utf-8"`. A byte order mark is not part of the text; without one `"utf-16"` is little-endian. */
  readonly encoding?: TextEncoding | undefined;
  /** Defaults to what the ending of the path says, `.gz` or `.zst`, and else to `"none"`. */
  readonly compression?: TextCompression | undefined;
}

/** How the text of a file is encoded. */
export const textEncodings = ["utf-8", "latin1", "utf-16"] as const;

export type TextEncoding = (typeof textEncodings)[number];

/** How a text file is compressed. */
export const textCompressions = ["none", "gzip", "zstd"] as const;

export type TextCompression = (typeof textCompressions)[number];

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
export interface AggregateBy {
  readonly op: "aggregate";
  readonly input: Plan;
  readonly keys: readonly string[];
  readonly aggregates: readonly { readonly name: string; readonly value: Aggregate }[];
}

/** Rows of `left` with the matching rows of `right`: the columns of left, then those of right but its `on` columns. Null matches nothing. */
export interface Join {
  readonly op: "join";
  readonly left: Plan;
  readonly right: Plan;
  readonly on: readonly { readonly left: string; readonly right: string }[];
  /** `left` keeps rows without a match and gives them nulls. */
  readonly type: "inner" | "left";
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
  /** The columns to keep, in this order; all of them where absent. */
  readonly columns?: readonly string[] | undefined;
}

/** The first `count` rows of `input`. */
export interface Limit {
  readonly op: "limit";
  readonly input: Plan;
  readonly count: number;
}

/** One SELECT in the engine's own dialect, over the named inputs. Its result is checked against `columns`. */
export interface Sql {
  readonly op: "sql";
  readonly query: string;
  readonly inputs: Readonly<Record<string, Plan>>;
  readonly columns: Schema;
}

/**
 * Aggregates over windows of time, as of every moment at which one of them changes.
 *
 * Time is cut into tiles of `every`, aligned to the Unix epoch in UTC: tile `[b - every, b)` becomes known at `b`, and the window at `b` covers
 * `[b - window, b)`. For each combination of `keys` there is one row at each `b` where a tile with rows enters a window and at each where one
 * leaves: the keys, the moment `b` in the column `timestamp`, and the outputs. Where outputs have several `every`, each has at every row the value
 * of its own last tile boundary. A window without values gives 0 for `count` and null for the others.
 *
 * Null is a key value like any other; rows without a timestamp give rows without one.
 */
export interface RollUp {
  readonly op: "rolling";
  readonly input: Plan;
  readonly keys: readonly string[];
  /** A timestamp or date of `input`; a timestamp of the output. */
  readonly timestamp: string;
  readonly outputs: readonly RollingOutput[];
}

/** One aggregate over one window. */
export interface RollingOutput {
  readonly name: string;
  readonly column: string;
  /** As in {@link Aggregate}. */
  readonly function: RollingFunction;
  /** The length of a tile: microseconds, as a decimal integer. */
  readonly every: string;
  /** The length of the window, a multiple of `every`: microseconds, as a decimal integer. */
  readonly window: string;
}

/** The aggregates a window can have. */
export const rollingFunctions = ["sum", "mean", "count", "min", "max", "std", "median"] as const;

export type RollingFunction = (typeof rollingFunctions)[number];

/**
 * Each row of `left` once, with the newest row of `right` that it may know: the one with equal `on` columns and the greatest timestamp that
 * is not after that of the left row, and with `ttl` less than that long before it. In no particular order.
 *
 * The columns are those of left, then the given ones of right, null where no row was found. Null matches nothing; a row of left without a
 * timestamp knows nothing. The rows of `right` must be unique on their `on` columns and timestamp.
 */
export interface AsOfJoin {
  readonly op: "asOfJoin";
  readonly left: Plan;
  readonly right: Plan;
  readonly on: readonly { readonly left: string; readonly right: string }[];
  /** Timestamps, both of kind timestamp. */
  readonly timestamps: { readonly left: string; readonly right: string };
  /** Whether a row of right with the very timestamp of the left row is known to it. */
  readonly allowExactMatches: boolean;
  /** Microseconds, as a decimal integer. Absent: rows never grow too old. */
  readonly ttl?: string | undefined;
  readonly columns: readonly { readonly name: string; readonly as: string }[];
}

/** The rows of `input` with their number from 0, in the order of the files and of the rows in each, as an int64 column. */
export interface NumberRows {
  readonly op: "number";
  readonly input: Plan;
  readonly column: string;
}

/** The first rows of all inputs side by side, then the second ones, and so on: scans of Parquet with the same number of rows, in their order. */
export interface Zip {
  readonly op: "zip";
  readonly inputs: readonly Scan[];
}

/**
 * Up to `limit` of the `keys` of `input` that have a null in them, and up to `limit` that several rows share, each once and those of most rows
 * first.
 *
 * The output is `keys` (nullable), a string column `violation`: `null` or `duplicate`, and an int64 column `violation_rows`: how many rows have these
 * keys. With `sorted` the input is ordered by `keys`, so that equal keys are neighbours, and no rows but those that break the rule need to be
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

/** The columns that `keyViolations` adds. */
export const violationColumn: NamedColumn = { name: "violation", kind: "string", nullable: false };
export const violationRowsColumn: NamedColumn = { name: "violation_rows", kind: "int64", nullable: false };
