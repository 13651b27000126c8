import type { Column, ColumnKind, Columns, ScalarKind, VectorElement } from "@mlforge/spec";
import type { AggregatedNumber, AggregatedOf } from "./aggregated-number.js";
import type { BooleanExpr } from "./boolean-expr.js";
import type { PlainConstant } from "./constant.js";
import type { CollectOptions } from "./expression-builder.js";
import type { JsonExpr } from "./json-expr.js";
import type { Both, CommonKind, ComparableKind, Either } from "./kind.js";
import type { ListExpr } from "./list-expr.js";
import type { NumericExpr } from "./numeric-expr.js";
import type { PlainKind } from "./plain-constant.js";
import type { StringExpr } from "./string-expr.js";
import type { StructExpr } from "./struct-expr.js";
import type { DateExpr, TimestampExpr } from "./temporal-expr.js";
import type { Aggregated, ConstantOf, Operand, Typed } from "./typed.js";
import type { Untyped } from "./untyped.js";
import type { VectorExpr } from "./vector-expr.js";
import type { WhereOptions } from "./where.js";

export type { Untyped } from "./untyped.js";

/** An expression of any kind. The result is null if an operand is null, unless a method says otherwise. */
export interface AnyExpr<K extends ColumnKind, N extends boolean = true, D = unknown> extends Typed<K, N, D> {
  /** NaN equals NaN. Lists, vectors, and structs are equal if all their values are equal; inside them, null equals null. JSON is compared as text. */
  eq<M extends boolean = false>(other: Operand<K, M>): BooleanExpr<Either<N, M>>;
  ne<M extends boolean = false>(other: Operand<K, M>): BooleanExpr<Either<N, M>>;
  /** True if it equals one of `values`. At least one value is required. */
  in<M extends boolean = false>(values: readonly Operand<K, M>[]): BooleanExpr<Either<N, M>>;
  isNull(): BooleanExpr<false>;
  isNotNull(): BooleanExpr<false>;
  /** Returns this value, or `other` if this is null. */
  coalesce<L extends ComparableKind<K> = K & ComparableKind<K>, M extends boolean = false>(
    other: Typed<L, M> | ConstantOf[K],
  ): ExprOf<CommonKind<K | L>, Both<N, M>, D>;
  /** Returns null if this equals `other`, otherwise this value. */
  nullIf<L extends ComparableKind<K> = K & ComparableKind<K>>(other: Typed<L> | ConstantOf[K]): ExprOf<CommonKind<K | L>, true, D>;

  /** Counts the rows in which this is not null. */
  count(options?: WhereOptions): AggregatedNumber<"int64", false>;
  countDistinct(options?: WhereOptions): AggregatedNumber<"int64", false>;
  /** Estimates `countDistinct()` in little memory, with a standard error of at most 15 percent. The same values give the same estimate, in any order. */
  approxCountDistinct(options?: WhereOptions): AggregatedNumber<"int64", false>;
  /** Collects the values into a list, in the order of `by`. Skips nulls. */
  collect(options: CollectOptions): Aggregated<"list", true, Column<K, false, D>>;
  /** Returns the value in the row with the smallest `order`. Skips rows in which either is null; of equal rows, takes the smallest value. */
  firstBy(order: Typed, options?: WhereOptions): AggregatedOf<K, true, D>;
  /** Returns the value in the row with the greatest `order`. Skips rows in which either is null; of equal rows, takes the greatest value. */
  lastBy(order: Typed, options?: WhereOptions): AggregatedOf<K, true, D>;
}

/** An expression of an ordered kind. */
export interface Expr<K extends ColumnKind, N extends boolean = true> extends AnyExpr<K, N> {
  lt<M extends boolean = false>(other: Operand<K, M>): BooleanExpr<Either<N, M>>;
  lte<M extends boolean = false>(other: Operand<K, M>): BooleanExpr<Either<N, M>>;
  /** NaN is greater than every number. */
  gt<M extends boolean = false>(other: Operand<K, M>): BooleanExpr<Either<N, M>>;
  gte<M extends boolean = false>(other: Operand<K, M>): BooleanExpr<Either<N, M>>;
  /** Includes both ends. */
  between<M extends boolean = false>(low: Operand<K, M>, high: Operand<K, M>): BooleanExpr<Either<N, M>>;
  /** Converts the value to another kind. A value that cannot be converted fails the build; it never becomes null. */
  cast<T extends Exclude<ScalarKind, "decimal">>(kind: T): ExprOf<T, N>;
  cast(kind: "decimal", precision: number, scale: number): ExprOf<"decimal", N>;

  min(options?: WhereOptions): AggregatedOf<K, true>;
  max(options?: WhereOptions): AggregatedOf<K, true>;
  /** Returns the `count` most frequent values, most frequent first. Of equally frequent values, the smallest comes first. */
  topK(count: number, options?: WhereOptions): Aggregated<"list", true, Column<K, false>>;
  /** Returns the most frequent value. Of equally frequent values, takes the smallest. */
  mode(options?: WhereOptions): AggregatedOf<K, true>;
}

interface ExprByKind<N extends boolean, D> {
  readonly string: StringExpr<N>;
  readonly boolean: BooleanExpr<N>;
  readonly int32: NumericExpr<"int32", N>;
  readonly int64: NumericExpr<"int64", N>;
  readonly float32: NumericExpr<"float32", N>;
  readonly float64: NumericExpr<"float64", N>;
  readonly decimal: NumericExpr<"decimal", N>;
  readonly timestamp: TimestampExpr<N>;
  readonly date: DateExpr<N>;
  readonly bytes: Expr<"bytes", N>;
  readonly time: Expr<"time", N>;
  readonly json: JsonExpr<N>;
  readonly list: ListExpr<D extends Column ? D : Column, N>;
  readonly vector: VectorExpr<D extends VectorElement ? D : VectorElement, N>;
  readonly struct: StructExpr<D extends Columns ? D : Columns, N>;
}

/** The expression for a value of kind `K`, with the methods that the kind supports. */
export type ExprOf<K extends ColumnKind, N extends boolean, D = unknown> = [ColumnKind] extends [K] ? Untyped : ExprByKind<N, D>[K];

/** The type inside a nested column. */
export type DetailOf<C extends Column> = Exclude<C["detail"], undefined>;

/** The expression of a value of a column. */
type ExprIn<C extends Column> = ExprOf<C["kind"], C["nullable"], DetailOf<C>>;

/** The row passed to a callback: an expression for each column. Any name is allowed if the columns are unknown before the build. */
export type RowExprs<C extends Columns> = string extends keyof C ? Untyped : { readonly [A in keyof C]: ExprIn<C[A]> };

/** The column that an expression, an aggregate, or a plain constant returns. */
export type ColumnFrom<E> = 0 extends 1 & E
  ? Column
  : E extends Typed<infer K, infer N, infer D>
    ? Column<K, N, D>
    : E extends Aggregated<infer K, infer N, infer D>
      ? Column<K, N, D>
      : E extends PlainConstant
        ? Column<PlainKind<E>, false>
        : never;
