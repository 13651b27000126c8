import type { ScalarKind } from "@mlforge/spec";
import type { AnyExpr, ExprOf } from "./expr.js";

/** JSON text. */
export interface JsonExpr<N extends boolean = true> extends AnyExpr<"json", N> {
  /**
   * Returns the value at a path of member names and array positions from 0: `row.payload.path(["user", "id"], "int64")`.
   *
   * Returns null if the value is missing or a JSON null. A value of another kind, or a number that does not fit the kind, fails the build. Dates and
   * times are ISO 8601 strings; bytes are base64 strings.
   */
  path<T extends Exclude<ScalarKind, "decimal">>(keys: string | readonly (string | number)[], kind: T): ExprOf<T, true>;
  path(keys: string | readonly (string | number)[], kind: "decimal", precision: number, scale: number): ExprOf<"decimal", true>;
}
