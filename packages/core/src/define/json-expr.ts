import type { AnyExpr } from "./expr.js";

/** JSON text. */
export interface JsonExpr<N extends boolean = true> extends AnyExpr<"json", N> {}
