import type { Columns } from "@mlforge/spec";
import type { AnyExpr, DetailOf, ExprOf } from "./expr.js";
import type { Either } from "./kind.js";

/** A struct with the fields `D`. */
export interface StructExpr<D extends Columns, N extends boolean = true> extends AnyExpr<"struct", N, D> {
  /** Returns the value of a field: `row.address.field("city")`. Null if the struct is null. */
  field<const A extends keyof D & string>(name: A): ExprOf<D[A]["kind"], Either<N, D[A]["nullable"]>, DetailOf<D[A]>>;
}
