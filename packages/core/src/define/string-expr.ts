import type { BooleanExpr } from "./boolean-expr.js";
import type { Expr } from "./expr.js";
import type { Either } from "./kind.js";
import type { NumericExpr } from "./numeric-expr.js";
import type { Operand } from "./typed.js";

/** A string. */
export interface StringExpr<N extends boolean = true> extends Expr<"string", N> {
  lower(): StringExpr<N>;
  upper(): StringExpr<N>;
  /** Removes the spaces at both ends. */
  trim(): StringExpr<N>;
  /** Returns the number of Unicode code points. */
  length(): NumericExpr<"int64", N>;
  concat<M extends boolean = false>(...others: readonly Operand<"string", M>[]): StringExpr<Either<N, M>>;
  contains<M extends boolean = false>(part: Operand<"string", M>): BooleanExpr<Either<N, M>>;
  startsWith<M extends boolean = false>(part: Operand<"string", M>): BooleanExpr<Either<N, M>>;
  endsWith<M extends boolean = false>(part: Operand<"string", M>): BooleanExpr<Either<N, M>>;
  /** True if an RE2 regular expression (https://github.com/google/re2/wiki/Syntax) matches anywhere in it. A RegExp must have no flags. */
  matches(pattern: string | RegExp): BooleanExpr<N>;
  /** Replaces every occurrence of `search`. */
  replace<M extends boolean = false>(search: Operand<"string", M>, replacement: Operand<"string", M>): StringExpr<Either<N, M>>;
  /** Returns `length` characters from `start`, where 1 is the first character. `length` defaults to the rest. */
  substring<M extends boolean = false>(start: Operand<"int64", M>, length?: Operand<"int64", M>): StringExpr<Either<N, M>>;
}
