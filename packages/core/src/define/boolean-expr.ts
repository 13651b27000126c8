import type { Expr } from "./expr.js";
import type { Either } from "./kind.js";
import type { Aggregated, Operand } from "./typed.js";
import type { WhereOptions } from "./where.js";

/** A truth value, with SQL's three-valued logic for nulls. */
export interface BooleanExpr<N extends boolean = true> extends Expr<"boolean", N> {
  and<M extends boolean = false>(...others: readonly Operand<"boolean", M>[]): BooleanExpr<Either<N, M>>;
  or<M extends boolean = false>(...others: readonly Operand<"boolean", M>[]): BooleanExpr<Either<N, M>>;
  not(): BooleanExpr<N>;

  /** True if any value is true. */
  any(options?: WhereOptions): Aggregated<"boolean", true>;
  /** True if every value is true. */
  every(options?: WhereOptions): Aggregated<"boolean", true>;
}
