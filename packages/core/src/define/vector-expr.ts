import type { VectorElement } from "@mlforge/spec";
import type { AnyExpr } from "./expr.js";
import type { Either } from "./kind.js";
import type { NumericExpr } from "./numeric-expr.js";
import type { Aggregated, Typed } from "./typed.js";
import type { WhereOptions } from "./where.js";

/** A vector constant: finite numbers. */
type VectorConstant = readonly number[] | Float32Array | Float64Array;

/** A vector of numbers of kind `D`. All methods compute in float64. */
export interface VectorExpr<D extends VectorElement, N extends boolean = true> extends AnyExpr<"vector", N, D> {
  /** Returns the dot product with a vector of the same length: an expression, or numbers. */
  dot<M extends boolean>(other: Typed<"vector", M>): NumericExpr<"float64", Either<N, M>>;
  dot(other: VectorConstant): NumericExpr<"float64", N>;
  /** Returns the cosine of the angle to a vector of the same length: an expression, or numbers. Null if either vector is zero. */
  cosine(other: Typed<"vector"> | VectorConstant): NumericExpr<"float64", true>;
  /** Returns the Euclidean length. */
  norm(): NumericExpr<"float64", N>;

  /** Returns the element-wise mean of the vectors. */
  mean(options?: WhereOptions): Aggregated<"vector", true, "float64">;
}
