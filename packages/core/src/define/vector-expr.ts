import type { VectorElement } from "@mlforge/spec";
import type { AnyExpr } from "./expr.js";

/** A vector, whose numbers are `D`. */
export interface VectorExpr<D extends VectorElement, N extends boolean = true> extends AnyExpr<"vector", N, D> {}
