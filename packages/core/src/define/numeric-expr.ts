import type { Column } from "@mlforge/spec";
import type { AggregatedNumber, AggregatedOf } from "./aggregated-number.js";
import type { BooleanExpr } from "./boolean-expr.js";
import type { Expr, ExprOf } from "./expr.js";
import type { ArithmeticKind, Either, NumericKind, SumKind } from "./kind.js";
import type { Aggregated, ConstantOf, Operand, Typed } from "./typed.js";
import type { WhereOptions } from "./where.js";

/** A number. Integers give int64 and fail on overflow; any float gives float64. */
export interface NumericExpr<K extends NumericKind, N extends boolean = true> extends Expr<K, N> {
  plus<L extends NumericKind = K, M extends boolean = false>(
    other: Typed<L, M> | ConstantOf[K],
  ): ExprOf<ArithmeticKind<K | L>, Either<N, M>>;
  minus<L extends NumericKind = K, M extends boolean = false>(
    other: Typed<L, M> | ConstantOf[K],
  ): ExprOf<ArithmeticKind<K | L>, Either<N, M>>;
  times<L extends NumericKind = K, M extends boolean = false>(
    other: Typed<L, M> | ConstantOf[K],
  ): ExprOf<ArithmeticKind<K | L>, Either<N, M>>;
  /** Divides as float64. Null if the divisor is zero. */
  dividedBy(other: Operand<K>): NumericExpr<"float64", true>;
  /** Null if the divisor is zero. */
  modulo<L extends NumericKind = K>(other: Typed<L> | ConstantOf[K]): ExprOf<ArithmeticKind<K | L>, true>;
  negate(): NumericExpr<K, N>;
  abs(): NumericExpr<K, N>;
  floor(): NumericExpr<K, N>;
  ceil(): NumericExpr<K, N>;
  /** Rounds to `digits` after the decimal point. Defaults to 0. */
  round(digits?: number): NumericExpr<"float64", N>;
  /** Null below zero. */
  sqrt(): NumericExpr<"float64", true>;
  /** Returns the natural logarithm. Null at or below zero. */
  log(): NumericExpr<"float64", true>;
  /** Raises e to the power of this number. */
  exp(): NumericExpr<"float64", N>;
  power<M extends boolean = false>(exponent: Operand<K, M>): NumericExpr<"float64", Either<N, M>>;
  /** False for nulls. */
  isNaN(): BooleanExpr<false>;

  /** Sums the values. Integers give int64 and fail on overflow. */
  sum(options?: WhereOptions): AggregatedOf<SumKind<K>, true>;
  mean(options?: WhereOptions): AggregatedNumber<"float64", true>;
  /** Returns the sample standard deviation (n - 1). Null for fewer than two values. */
  std(options?: WhereOptions): AggregatedNumber<"float64", true>;
  /** Returns the sample variance (n - 1). Null for fewer than two values. */
  var(options?: WhereOptions): AggregatedNumber<"float64", true>;
  median(options?: WhereOptions): AggregatedNumber<"float64", true>;
  /** Counts the values below the first edge, between edges (lower edge included), and from the last edge up: one bin more than edges. */
  histogram(edges: readonly number[], options?: WhereOptions): Aggregated<"list", false, Column<"int64", false>>;
  /** Returns the quantile `q`, from 0 to 1. Interpolates between neighboring values. */
  quantile(q: number, options?: WhereOptions): AggregatedNumber<"float64", true>;
}
