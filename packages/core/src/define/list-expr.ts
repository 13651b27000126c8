import type { Column } from "@mlforge/spec";
import type { AnyExpr } from "./expr.js";

/** A list, whose elements are `D`. */
export interface ListExpr<D extends Column, N extends boolean = true> extends AnyExpr<"list", N, D> {}
