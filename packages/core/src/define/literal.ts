import { columnKinds, type ScalarKind } from "@mlforge/spec";
import { type ConstantKind, kindOfConstant, type PlainConstant } from "./constant.js";
import { definitionInvalid } from "./definition-issues.js";
import type { ExprOf } from "./expr.js";
import { constantOf, nullConstant } from "./expression-builder.js";
import type { ConstantOf } from "./typed.js";

/**
 * Creates an expression from a constant. Not needed beside a column (`delay.plus(1)`) or in `derive`.
 *
 * `kind` defaults to float64 for numbers, int64 for bigints, and timestamp for Dates. Use `literal(null, kind)` for a null.
 *
 * @throws DEFINITION_INVALID if the value has another kind or cannot be stored exactly
 */
export function literal<V extends PlainConstant>(constant: V): ExprOf<ConstantKind<V>, false>;
export function literal<K extends ScalarKind>(constant: ConstantOf[K], kind: K): ExprOf<K, false>;
export function literal<K extends ScalarKind>(constant: null, kind: K): ExprOf<K, true>;
export function literal(constant: unknown, kind?: ScalarKind): unknown {
  if (kind !== undefined && !columnKinds.includes(kind)) {
    throw definitionInvalid("literal", `unknown kind ${JSON.stringify(kind)}; use one of ${columnKinds.join(", ")}`);
  }
  if (constant === null && kind !== undefined) return nullConstant({ kind });
  return constantOf(constant, kind ?? kindOfConstant(constant));
}
