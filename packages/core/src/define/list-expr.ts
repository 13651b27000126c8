import type { Column } from "@mlforge/spec";
import type { BooleanExpr } from "./boolean-expr.js";
import type { AnyExpr, DetailOf, ExprOf } from "./expr.js";
import type { Either } from "./kind.js";
import type { NumericExpr } from "./numeric-expr.js";
import type { Operand } from "./typed.js";

/** A list, whose elements are `D`. */
export interface ListExpr<D extends Column, N extends boolean = true> extends AnyExpr<"list", N, D> {
  /** The number of elements, nulls included. */
  length(): NumericExpr<"int64", N>;
  /** The element at a position: 0 is the first. Null outside of the list. */
  get(index: Operand<"int64">): ExprOf<D["kind"], true, DetailOf<D>>;
  /** Whether an element equals `value`. A null element equals nothing. */
  contains<M extends boolean = false>(value: Operand<D["kind"], M>): BooleanExpr<Either<N, M>>;
}
