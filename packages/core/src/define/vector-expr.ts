import type { VectorElement } from "@mlforge/spec";
import type { AnyExpr } from "./expr.js";
import type { Either } from "./kind.js";
import type { NumericExpr } from "./numeric-expr.js";
import type { Aggregated, Typed } from "./typed.js";

/** A vector, whose numbers are `D`. All are computed in float64. */
export interface VectorExpr<D extends VectorElement, N extends boolean = true> extends AnyExpr<"vector", N, D> {
  /** The dot product with a vector of the same length. */
  dot<M extends boolean>(other: Typed<"vector", M>): NumericExpr<"float64", Either<N, M>>;
  /** The cosine of the angle to a vector of the same length; null where one of them is zero. */
  cosine(other: Typed<"vector">): NumericExpr<"float64", true>;
  /** The Euclidean length. */
  norm(): NumericExpr<"float64", N>;

  /** The vector of the means of the numbers. */
  mean(): Aggregated<"vector", true, "float64">;
}
