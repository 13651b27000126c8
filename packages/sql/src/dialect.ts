import type { AggregateFunction, AsOfJoin, Expression, Kind, Plan, RollUp, ScalarFunction, Scan, TimeEncoding } from "@mlforge/spec";

export type { Kind } from "@mlforge/spec";

/** SQL text of a value, and its type. */
export interface TypedSql {
  readonly sql: string;
  readonly type: Kind;
}

/** What differs from one SQL engine to another. Each method gives text that can stand as an operand without parentheses. */
export interface Dialect {
  /** A quoted identifier. The only way a name enters SQL. */
  identifier(name: string): string;

  /** An encoded constant, in the text form of `Literal`. The only way a value enters SQL. */
  literal(value: string | null, type: Kind): string;

  /** The engine's own name of the type that holds exactly a kind. */
  type(kind: Kind): string;

  /** A conversion that fails where a value cannot be converted. */
  cast(value: TypedSql, to: Kind): string;

  /** A call. The arguments already have the kinds that {@link argumentKinds} asks for. */
  call(name: ScalarFunction, values: readonly TypedSql[], result: Kind): string;

  /** An aggregate whose result has exactly the kind `result`. */
  aggregate(aggregate: AggregateSql, result: Kind): string;

  /** A value that the engine gave in a type of its own, known to fit, in exactly the kind `to`. */
  conform(sql: string, to: Kind): string;

  /**
   * A SELECT of everything in the files of a scan. Without `columns` in the types the engine finds there; with them, text formats stay text.
   *
   * May leave out rows for which `condition` is not true.
   */
  source(scan: Scan, condition?: Expression): string;

  /** The declared column `name` out of the rows of {@link source}. */
  sourceColumn(scan: Scan, name: string, to: Kind): string;

  /** A value of a nested kind as JSON text that loses nothing. */
  jsonText(sql: string, type: Kind): string;

  /** A value of the column `name` of a scan that fails the query if it is null. */
  required(sql: string, name: string, to: Kind): string;

  /** The moment that a text or an integer stands for, and null where it is not written so. */
  timeOrNull(sql: string, encoding: TimeEncoding): string;

  /** A SELECT of a roll-up over the compiled rows of its input. */
  rolling(plan: RollUp, rows: string): string;

  /** A SELECT of an as-of join of the compiled rows of its sides. */
  asOfJoin(plan: AsOfJoin, left: string, right: string): string;

  /** A SELECT of the rows of a plan with their number from 0, in the order in which they stand in their files. */
  numberRows(input: Plan, column: string, compile: (plan: Plan) => string): string;

  /** A SELECT of the rows of Parquet files side by side. */
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
