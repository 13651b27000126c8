import { columnKinds, type ScalarKind } from "@mlforge/spec";
import { kindOfConstant } from "./constant.js";
import { definitionInvalid } from "./definition-issues.js";
import type { ExprOf } from "./expr.js";
import { constantOf, nullConstant } from "./expression-builder.js";
import type { ConstantOf } from "./typed.js";

/** The kind a constant has where nothing tells another. */
export type ConstantKind<V> = V extends string
  ? "string"
  : V extends number
    ? "float64"
    : V extends bigint
      ? "int64"
      : V extends boolean
        ? "boolean"
        : V extends Date
          ? "timestamp"
          : V extends Uint8Array
            ? "bytes"
            : never;

/**
 * A constant as an expression. Beside a column no `literal` is needed: `delay.plus(1)`.
 *
 * Without `kind`: numbers are float64, bigints int64, Dates timestamps. The null of a kind is `literal(null, kind)`.
 *
 * @throws DEFINITION_INVALID if it is no value of that kind, or would not be kept exactly.
 */
export function literal<V extends string | number | bigint | boolean | Date | Uint8Array>(constant: V): ExprOf<ConstantKind<V>, false>;
export function literal<K extends ScalarKind>(constant: ConstantOf[K], kind: K): ExprOf<K, false>;
export function literal<K extends ScalarKind>(constant: null, kind: K): ExprOf<K, true>;
export function literal(constant: unknown, kind?: ScalarKind): unknown {
  if (kind !== undefined && !columnKinds.includes(kind)) {
    throw definitionInvalid("literal", `literal does not know the kind ${JSON.stringify(kind)}; use one of ${columnKinds.join(", ")}`);
  }
  if (constant === null && kind !== undefined) return nullConstant({ kind });
  return constantOf(constant, kind ?? kindOfConstant(constant));
}
