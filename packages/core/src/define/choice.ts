import type { ColumnKind } from "@mlforge/spec";
import type { CommonKind, ComparableKind, IsAny } from "./kind.js";
import type { ConstantKind } from "./literal.js";
import type { ConstantOf, Typed } from "./typed.js";

/** One of several values to choose from: an expression or a constant. */
export type Choice = Typed | ConstantOf[ColumnKind] | null;

/** The kinds of the expressions among `V`. */
type ExpressionKind<V> = V extends Typed<infer K> ? K : never;

/** The kind of a value that is one of `V`. Constants take the kind of the expressions. */
export type ChoiceKind<V> =
  IsAny<V> extends true ? ColumnKind : CommonKind<[ExpressionKind<V>] extends [never] ? ConstantKind<NonNullable<V>> : ExpressionKind<V>>;

/** True if one of `V` can be null. */
export type MayBeNull<V> = true extends NullOf<V> ? true : false;

/** True if all members of the tuple `V` can be null. */
export type MayAllBeNull<V extends readonly unknown[]> = false extends { readonly [I in keyof V]: MayBeNull<V[I]> }[number] ? false : true;

type NullOf<V> = V extends null ? true : V extends Typed<ColumnKind, infer N> ? N : false;

/** The values that can be combined with the values `V`. */
export type FitsBeside<V> = [ChoiceKind<V>] extends [never]
  ? Choice
  : Typed<ComparableKind<ChoiceKind<V>>> | ConstantOf[ChoiceKind<V>] | null;
