import type { Columns } from "@mlforge/spec";
import type { AnyExpr } from "./expr.js";

/** A struct with the fields `D`. */
export interface StructExpr<D extends Columns, N extends boolean = true> extends AnyExpr<"struct", N, D> {}
