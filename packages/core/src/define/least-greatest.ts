import type { CheckedChoice, Choice, ChoiceKind, FitsBeside, MayAllBeNull } from "./choice.js";
import { chooseFrom } from "./choose-from.js";
import type { ExprOf } from "./expr.js";
import { call } from "./expression-builder.js";
import type { Settled } from "./plain-constant.js";

type SettledIn<V extends readonly unknown[]> = { readonly [I in keyof V]: Settled<V[I]> }[number];

/** Returns the smallest of several values. Skips nulls. */
export function least<A extends Choice, V extends readonly FitsBeside<A>[]>(
  first: A & CheckedChoice<Settled<A> | SettledIn<V>>,
  ...others: V
): ExprOf<ChoiceKind<A | V[number]>, MayAllBeNull<readonly [A, ...V]>>;
export function least(...values: readonly unknown[]): unknown {
  return call("least", ...chooseFrom(values));
}

/** Returns the greatest of several values. Skips nulls. NaN is greater than every number. */
export function greatest<A extends Choice, V extends readonly FitsBeside<A>[]>(
  first: A & CheckedChoice<Settled<A> | SettledIn<V>>,
  ...others: V
): ExprOf<ChoiceKind<A | V[number]>, MayAllBeNull<readonly [A, ...V]>>;
export function greatest(...values: readonly unknown[]): unknown {
  return call("greatest", ...chooseFrom(values));
}
