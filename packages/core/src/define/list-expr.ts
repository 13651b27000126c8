import type { Column } from "@mlforge/spec";
import type { BooleanExpr } from "./boolean-expr.js";
import type { AnyExpr, DetailOf, ExprOf } from "./expr.js";
import type { Either } from "./kind.js";
import type { NumericExpr } from "./numeric-expr.js";
import type { Operand } from "./typed.js";

/** A list, whose elements are `D`. */
export interface ListExpr<D extends Column, N extends boolean = true> extends AnyExpr<"list", N, D> {
  /** Returns the number of elements, including nulls. */
  length(): NumericExpr<"int64", N>;
  /** Returns the element at a position, from 0. Returns null if the position is out of range. */
  get(index: Operand<"int64">): ExprOf<D["kind"], true, DetailOf<D>>;
  /** True if an element equals `value`. A null element equals nothing. */
  contains<M extends boolean = false>(value: Operand<D["kind"], M>): BooleanExpr<Either<N, M>>;
}
