import type { ColumnKind } from "@mlforge/spec";
import type { CommonKind, ComparableKind, IsAny } from "./kind.js";
import type { PlainKind, UnsureAdvice } from "./plain-constant.js";
import type { MlforgeTypeError } from "./type-error.js";
import type { ConstantOf, Typed } from "./typed.js";

/** One of several values to choose from: an expression or a constant. */
export type Choice = Typed | ConstantOf[ColumnKind] | null;

/** The kinds of the expressions among `V`. */
type ExpressionKind<V> = V extends Typed<infer K> ? K : never;

/** The kind of a value that is one of `V`. Constants take the kind of the expressions. */
export type ChoiceKind<V> =
  IsAny<V> extends true ? ColumnKind : CommonKind<[ExpressionKind<V>] extends [never] ? PlainKind<NonNullable<V>> : ExpressionKind<V>>;

/** Checks that the kind of the settled `V` is known: that of an expression, or of constants whose values the compiler knows. */
export type CheckedChoice<V> =
  IsAny<V> extends true
    ? unknown
    : [ExpressionKind<V>] extends [never]
      ? number extends V
        ? MlforgeTypeError<`a number here ${UnsureAdvice}`>
        : [Extract<V, bigint>, ChoiceKind<V>] extends [never, unknown] | [unknown, "int64"]
          ? unknown
          : MlforgeTypeError<"a bigint cannot be float64 like the number beside it; write both in the same way">
      : unknown;

/** True if one of `V` can be null. */
export type MayBeNull<V> = true extends NullOf<V> ? true : false;

/** True if all members of the tuple `V` can be null. */
export type MayAllBeNull<V extends readonly unknown[]> = false extends { readonly [I in keyof V]: MayBeNull<V[I]> }[number] ? false : true;

type NullOf<V> = V extends null ? true : V extends Typed<ColumnKind, infer N> ? N : false;

/** The values that can be combined with the values `V`. */
export type FitsBeside<V> = [ChoiceKind<V>] extends [never]
  ? Choice
  : Typed<ComparableKind<ChoiceKind<V>>> | ConstantOf[ChoiceKind<V>] | null;
