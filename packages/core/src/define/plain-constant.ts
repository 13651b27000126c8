import type { ScalarKind } from "@mlforge/spec";
import { type ConstantKind, kindOfConstant, type PlainConstant } from "./constant.js";
import { constantOf } from "./expression-builder.js";

/**
 * The kind of a plain constant with no expression beside it: int64 for a safe integer, float64 for any other number. It is both for a number whose
 * value the compiler does not know.
 */
export type PlainKind<V> = V extends number
  ? number extends V
    ? "int64" | "float64"
    : `${V}` extends `${bigint}`
      ? IsSafe<`${V}` extends `-${infer Digits}` ? Digits : `${V}`> extends true
        ? "int64"
        : "float64"
      : "float64"
  : ConstantKind<V>;

/** `number` for a number that can be int64 or float64, because the compiler does not know its value. Other constants stay as they are. */
export type Settled<V> = ["int64" | "float64"] extends [PlainKind<Extract<V, number>>] ? Exclude<V, number> | number : V;

/** The advice for such a number. */
export type UnsureAdvice = "may be an integer or not; use literal(value, 'int64') or literal(value, 'float64')";

/** The advice for a null. */
export type NullAdvice = "a null has no type; use literal(null, 'string')";

/** Returns the {@link PlainKind} of a constant. @throws DEFINITION_INVALID for other values */
export function plainKind(constant: unknown): ScalarKind {
  return Number.isSafeInteger(constant) ? "int64" : kindOfConstant(constant);
}

/** Converts a plain constant to an expression. Keeps other values. */
export function fromPlain(value: unknown): unknown {
  return isPlainConstant(value) ? constantOf(value, plainKind(value)) : value;
}

function isPlainConstant(value: unknown): value is PlainConstant {
  return ["string", "number", "bigint", "boolean"].includes(typeof value) || value instanceof Date || value instanceof Uint8Array;
}

/** True if an integer without its sign is at most `Max`, 2^53 - 1. Compares one digit after the other. */
type IsSafe<
  Digits extends string,
  Max extends string = "9007199254740991",
  Order extends "equal" | "less" | "greater" = "equal",
> = Digits extends `${infer A}${infer Rest}`
  ? Max extends `${infer B}${infer More}`
    ? IsSafe<Rest, More, Order extends "equal" ? DigitOrder<A, B> : Order>
    : false
  : [Max, Order] extends ["", "greater"]
    ? false
    : true;

type DigitOrder<A extends string, B extends string> = A extends B
  ? "equal"
  : "0123456789" extends `${string}${B}${string}${A}${string}`
    ? "greater"
    : "less";
