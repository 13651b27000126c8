import type { BooleanExpr } from "./boolean-expr.js";
import type { Duration } from "./duration.js";
import type { Expr } from "./expr.js";
import type { Either } from "./kind.js";
import type { NumericExpr } from "./numeric-expr.js";
import type { Operand } from "./typed.js";

/** A date or a timestamp, in UTC. */
export interface TemporalExpr<K extends "timestamp" | "date", N extends boolean = true> extends Expr<K, N> {
  before<M extends boolean = false>(other: Operand<K, M>): BooleanExpr<Either<N, M>>;
  after<M extends boolean = false>(other: Operand<K, M>): BooleanExpr<Either<N, M>>;
  year(): NumericExpr<"int64", N>;
  /** 1 to 12. */
  month(): NumericExpr<"int64", N>;
  /** The day of the month, from 1. */
  day(): NumericExpr<"int64", N>;
  /** Monday is 1, Sunday 7. */
  dayOfWeek(): NumericExpr<"int64", N>;
  /** 1 to 366. */
  dayOfYear(): NumericExpr<"int64", N>;
}

/** A date. */
export interface DateExpr<N extends boolean = true> extends TemporalExpr<"date", N> {
  /** Returns the number of days from this date to `other`, negative if `other` is earlier. */
  daysUntil<M extends boolean = false>(other: Operand<"date", M>): NumericExpr<"int64", Either<N, M>>;
}

/** A timestamp in microseconds, UTC. */
export interface TimestampExpr<N extends boolean = true> extends TemporalExpr<"timestamp", N> {
  /** Rounds down to a multiple of `duration` since the Unix epoch. Weeks therefore begin on Thursdays. */
  truncate(duration: Duration): TimestampExpr<N>;
  hour(): NumericExpr<"int64", N>;
  minute(): NumericExpr<"int64", N>;
  second(): NumericExpr<"int64", N>;
  plusDuration(duration: Duration): TimestampExpr<N>;
  minusDuration(duration: Duration): TimestampExpr<N>;
  /** Returns `other` minus this timestamp. */
  microsecondsUntil<M extends boolean = false>(other: Operand<"timestamp", M>): NumericExpr<"int64", Either<N, M>>;
}
