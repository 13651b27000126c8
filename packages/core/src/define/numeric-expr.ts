import type { Column } from "@mlforge/spec";
import type { BooleanExpr } from "./boolean-expr.js";
import type { Expr, ExprOf } from "./expr.js";
import type { ArithmeticKind, Either, NumericKind, SumKind } from "./kind.js";
import type { Aggregated, ConstantOf, Operand, Typed } from "./typed.js";

/** A number. Integers stay int64 and fail on overflow; a float beside them gives float64. */
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
  /** A float64; null where the divisor is zero. */
  dividedBy(other: Operand<K>): NumericExpr<"float64", true>;
  /** Null where the divisor is zero. */
  modulo<L extends NumericKind = K>(other: Typed<L> | ConstantOf[K]): ExprOf<ArithmeticKind<K | L>, true>;
  negate(): NumericExpr<K, N>;
  abs(): NumericExpr<K, N>;
  floor(): NumericExpr<K, N>;
  ceil(): NumericExpr<K, N>;
  /** Rounded to `digits` after the point, 0 unless told. */
  round(digits?: number): NumericExpr<"float64", N>;
  /** Null below zero. */
  sqrt(): NumericExpr<"float64", true>;
  /** The natural logarithm; null at or below zero. */
  log(): NumericExpr<"float64", true>;
  /** e to the power of this number. */
  exp(): NumericExpr<"float64", N>;
  power<M extends boolean = false>(exponent: Operand<K, M>): NumericExpr<"float64", Either<N, M>>;
  /** False for nulls. */
  isNaN(): BooleanExpr<false>;

  /** Integers give int64 and fail on overflow. */
  sum(): Aggregated<SumKind<K>, true>;
  mean(): Aggregated<"float64", true>;
  /** The standard deviation of the sample (n - 1); null below two values. */
  std(): Aggregated<"float64", true>;
  /** The variance of the sample (n - 1); null below two values. */
  var(): Aggregated<"float64", true>;
  median(): Aggregated<"float64", true>;
  /** How many values lie below the first edge, from each edge up to the next one, and from the last edge on: one more than there are edges. */
  histogram(edges: readonly number[]): Aggregated<"list", false, Column<"int64", false>>;
  /** The value below which a share `q`, from 0 to 1, of the values lies; between neighbours it is interpolated. */
  quantile(q: number): Aggregated<"float64", true>;
}
