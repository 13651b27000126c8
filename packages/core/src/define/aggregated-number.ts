import type { ColumnKind } from "@mlforge/spec";
import type { ArithmeticKind, Both, CommonKind, Either, NumericKind } from "./kind.js";
import type { Aggregated, ConstantOf } from "./typed.js";
import type { Untyped } from "./untyped.js";

/**
 * A number computed from the rows of a group, for arithmetic with other aggregates of these rows: `refunded.sum().dividedBy(amount.sum())`.
 *
 * Computes like the methods of the same name of expressions.
 */
export interface AggregatedNumber<K extends NumericKind, N extends boolean = true> extends Aggregated<K, N> {
  plus<L extends NumericKind = K, M extends boolean = false>(
    other: Aggregated<L, M> | ConstantOf[K],
  ): AggregatedOf<ArithmeticKind<K | L>, Either<N, M>>;
  minus<L extends NumericKind = K, M extends boolean = false>(
    other: Aggregated<L, M> | ConstantOf[K],
  ): AggregatedOf<ArithmeticKind<K | L>, Either<N, M>>;
  times<L extends NumericKind = K, M extends boolean = false>(
    other: Aggregated<L, M> | ConstantOf[K],
  ): AggregatedOf<ArithmeticKind<K | L>, Either<N, M>>;
  /** Divides as float64. Null if the divisor is zero. */
  dividedBy(other: Aggregated<NumericKind> | ConstantOf[K]): AggregatedNumber<"float64", true>;
  /** Returns this value, or `other` if this is null. */
  coalesce<L extends NumericKind = K, M extends boolean = false>(
    other: Aggregated<L, M> | ConstantOf[K],
  ): AggregatedOf<CommonKind<K | L>, Both<N, M>>;
  abs(): AggregatedNumber<K, N>;
  /** Rounds to `digits` after the decimal point. Defaults to 0. */
  round(digits?: number): AggregatedNumber<"float64", N>;
  /** Null below zero. */
  sqrt(): AggregatedNumber<"float64", true>;
  /** Returns the natural logarithm. Null at or below zero. */
  log(): AggregatedNumber<"float64", true>;
}

/** A timestamp computed from the rows of a group. */
interface AggregatedTimestamp<N extends boolean = true> extends Aggregated<"timestamp", N> {
  /** Returns `other` minus this timestamp. */
  microsecondsUntil<M extends boolean>(other: Aggregated<"timestamp", M>): AggregatedNumber<"int64", Either<N, M>>;
}

interface AggregatedByKind<N extends boolean, D> {
  readonly string: Aggregated<"string", N>;
  readonly boolean: Aggregated<"boolean", N>;
  readonly int32: AggregatedNumber<"int32", N>;
  readonly int64: AggregatedNumber<"int64", N>;
  readonly float32: AggregatedNumber<"float32", N>;
  readonly float64: AggregatedNumber<"float64", N>;
  readonly decimal: AggregatedNumber<"decimal", N>;
  readonly timestamp: AggregatedTimestamp<N>;
  readonly date: Aggregated<"date", N>;
  readonly bytes: Aggregated<"bytes", N>;
  readonly time: Aggregated<"time", N>;
  readonly json: Aggregated<"json", N>;
  readonly list: Aggregated<"list", N, D>;
  readonly vector: Aggregated<"vector", N, D>;
  readonly struct: Aggregated<"struct", N, D>;
}

/** The aggregate of kind `K`, with the arithmetic that the kind supports. */
export type AggregatedOf<K extends ColumnKind, N extends boolean, D = unknown> = [ColumnKind] extends [K]
  ? Untyped
  : AggregatedByKind<N, D>[K];
