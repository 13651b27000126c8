import type { AggregateFunction, AsOfJoin, Expression, Kind, Plan, ScalarFunction, Scan } from "@mlforge/spec";

export type { Kind } from "@mlforge/spec";

/** The SQL of a value, and its type. */
export interface TypedSql {
  readonly sql: string;
  readonly type: Kind;
}

/**
 * The differences between SQL engines. Each method returns SQL that can be an operand without parentheses. {@link standardDialect} defines those that
 * standard SQL has.
 */
export interface Dialect {
  /** The name of the engine, for messages. */
  readonly name: string;

  /** Quotes an identifier. Names enter SQL only through this method. */
  identifier(name: string): string;

  /** Encodes a constant, given in the text form of `Literal`. Values enter SQL only through this method. */
  literal(value: string | null, type: Kind): string;

  /** Converts a value. The query fails if the value cannot be converted. */
  cast(value: TypedSql, to: Kind): string;

  /** Calls a function. The arguments already have the kinds that {@link argumentKinds} returns. */
  call(name: ScalarFunction, values: readonly TypedSql[], result: Kind): string;

  /** Computes an aggregate, or a window function, whose result has exactly the kind `result`. */
  aggregate(aggregate: AggregateSql, result: Kind): string;

  /** Converts a value of the engine's own type, which is known to fit, to exactly the kind `to`. */
  conform(sql: string, to: Kind): string;

  /**
   * Selects everything in the files of a scan. Without `columns`, columns have the types that the engine finds. With `columns`, text formats stay text.
   *
   * May leave out rows for which `condition` is not true.
   */
  source(scan: Scan, condition?: Expression): string;

  /** Reads the declared column `name` from the rows of {@link source}. */
  sourceColumn(scan: Scan, name: string, to: Kind): string;

  /** Returns a value of the column `name` of a scan. The query fails if the value is null. */
  required(sql: string, name: string, to: Kind): string;

  /** Returns the microseconds since the Unix epoch of a timestamp or a date, as an int64. */
  microsecondsOf(sql: string): string;

  /** Returns the timestamp that is a number of microseconds after the Unix epoch. */
  timestampOf(microseconds: string): string;

  /** Returns a condition that is true for floats except NaN and infinity, and null for null. */
  isFinite(sql: string): string;

  /**
   * Returns an aggregate: the sum of values of a kind, or of such sums. Sums of integers are wider than an int64, so that the sum of a part of the values
   * does not overflow if the sum of all does not.
   */
  total(sql: string, of: Kind): string;

  /** Returns a {@link total} of values of a kind. The query fails if it has more digits than its kind. The result is converted with {@link conform}. */
  exactTotal(total: string, of: Kind): string;

  /** Returns an aggregate: one of the values that are not null. */
  anyValue(sql: string, of: Kind): string;

  /** Returns a window function: the value that is not null with the least `order`. `partition` is empty or a PARTITION BY clause. */
  firstValue(sql: string, partition: string, order: string): string;

  /** Returns an aggregate: a list of the values that are not null, in any order. */
  collect(sql: string): string;

  /** Returns an aggregate over the rows of a window: all values of the lists that {@link collect} made, in a form of the engine's choice. */
  concatenate(lists: string): string;

  /** Returns the mean of the two middle values, as a float64, of what {@link concatenate} made. NaN is greater than every number. */
  median(concatenated: string): string;

  /** Returns a null for a column of a UNION ALL in which other branches have values of a kind. */
  nullOf(kind: Kind): string;

  /** Returns an entry of a WITH clause. `materialized` says whether to compute it once or as part of each query that reads it. Defaults to the engine's choice. */
  commonTable(name: string, query: string, materialized?: boolean): string;

  /** Selects an as-of join of the compiled rows of its sides. Defaults to a window over the rows of both sides and a join. */
  asOfJoin(plan: AsOfJoin, left: string, right: string): string;

  /**
   * Selects `columns`, which are quoted, of the rows that equal the row before them in these columns. Nulls equal nothing. `rows` select all rows in
   * their order.
   *
   * For engines that keep the order of a subquery and can compare rows as they stream by. Defaults to none: repeated keys are then found by grouping.
   */
  readonly repeatedNeighbors?: ((columns: readonly string[], rows: string) => string) | undefined;

  /** Returns SQL for an aggregate with a string result: the checksum of the values of all rows, as `RowChecksums` in the spec defines it. */
  checksum(values: readonly TypedSql[]): string;

  /** Selects the rows of a plan with their number, from 0, in the order of their files. */
  numberRows(input: Plan, column: string, compile: (plan: Plan) => string): string;

  /** Selects the rows of Parquet files side by side. */
  zip(scans: readonly Scan[]): string;
}

/** An aggregate over compiled inputs. */
export interface AggregateSql {
  readonly function: AggregateFunction;
  readonly input?: TypedSql | undefined;
  readonly by?: TypedSql | undefined;
  readonly quantile?: number | undefined;
  readonly limit?: number | undefined;
  readonly descending?: boolean | undefined;
  readonly edges?: readonly number[] | undefined;
  /** The name of the window to aggregate over. Absent for an aggregate of groups. */
  readonly over?: string | undefined;
}
