import type { ScalarKind } from "@mlforge/spec";
import type { AnyExpr, ExprOf } from "./expr.js";

/** JSON text. */
export interface JsonExpr<N extends boolean = true> extends AnyExpr<"json", N> {
  /**
   * The value at a path of member names and positions from 0: `row.payload.path(["user", "id"], "int64")`.
   *
   * Null where there is no such value or it is the null of JSON. A value of another kind fails the build, as does a number that the kind does not hold. Dates and
   * times are strings in ISO 8601, bytes strings in base64.
   */
  path<T extends Exclude<ScalarKind, "decimal">>(keys: string | readonly (string | number)[], kind: T): ExprOf<T, true>;
  path(keys: string | readonly (string | number)[], kind: "decimal", precision: number, scale: number): ExprOf<"decimal", true>;
}
