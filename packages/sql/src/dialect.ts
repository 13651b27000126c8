import type {
  AggregateFunction,
  AsOfJoin,
  Expression,
  Kind,
  Plan,
  RollingAggregate,
  ScalarFunction,
  Scan,
  TimeEncoding,
} from "@mlforge/spec";

export type { Kind } from "@mlforge/spec";

/** The SQL of a value, and its type. */
export interface TypedSql {
  readonly sql: string;
  readonly type: Kind;
}

/** The differences between SQL engines. Each method returns SQL that can be an operand without parentheses. */
export interface Dialect {
  /** Quotes an identifier. Names enter SQL only through this method. */
  identifier(name: string): string;

  /** Encodes a constant, given in the text form of `Literal`. Values enter SQL only through this method. */
  literal(value: string | null, type: Kind): string;

  /** Returns the engine's name of the type that holds exactly a kind. */
  type(kind: Kind): string;

  /** Converts a value. The query fails if the value cannot be converted. */
  cast(value: TypedSql, to: Kind): string;

  /** Calls a function. The arguments already have the kinds that {@link argumentKinds} returns. */
  call(name: ScalarFunction, values: readonly TypedSql[], result: Kind): string;

  /** Computes an aggregate whose result has exactly the kind `result`. */
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

  /** Prints a value of a nested kind as JSON text that loses nothing. */
  jsonText(sql: string, type: Kind): string;

  /** Returns a value of the column `name` of a scan. The query fails if the value is null. */
  required(sql: string, name: string, to: Kind): string;

  /** Reads a timestamp from a string or an integer. Returns null if it is not written as stated. */
  timeOrNull(sql: string, encoding: TimeEncoding): string;

  /** Selects rolling aggregates over the compiled rows of the input. */
  rolling(plan: RollingAggregate, rows: string): string;

  /** Selects an as-of join of the compiled rows of its sides. */
  asOfJoin(plan: AsOfJoin, left: string, right: string): string;

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
}
