import type { Column, Columns, Join } from "@mlforge/spec";
import { definitionInvalid } from "./definition-issues.js";
import type { Simplify } from "./simplify.js";
import type { MlforgeTypeError, Quoted } from "./type-error.js";

export type JoinType = Join["type"];

/** The columns to compare: one or more names that both sides have, or an object from names of this side to names of the other. */
export type JoinOn<C extends Columns, D extends Columns> =
  | (keyof C & keyof D & string)
  | readonly (keyof C & keyof D & string)[]
  | { readonly [A in keyof C & string]?: keyof D & string };

/** Checks that the compared columns are of the same kind. */
export type CheckedJoin<C extends Columns, D extends Columns, O> = string extends keyof C | keyof D
  ? unknown
  : JoinOn<C, D> extends O
    ? unknown // The given columns do not fit JoinOn, which the compiler reports.
    : O extends string
      ? CheckedPair<C, D, O, O>
      : { readonly [A in keyof O]: CheckedPair<C, D, O extends readonly unknown[] ? O[A] : A, O[A]> };

type CheckedPair<C extends Columns, D extends Columns, A, B> = A extends keyof C
  ? B extends keyof D
    ? [C[A]["kind"]] extends [D[B]["kind"]]
      ? unknown
      : [D[B]["kind"]] extends [C[A]["kind"]]
        ? unknown
        : MlforgeTypeError<`the column ${Quoted<A>} is ${C[A]["kind"]}, but ${Quoted<B>} of the other side is ${D[B]["kind"]}; cast one of them`>
    : unknown
  : unknown;

/** The columns of a join. */
export type JoinColumns<C extends Columns, D extends Columns, O, T extends JoinType> = Simplify<
  C & { readonly [A in Exclude<keyof D, RightNames<O>>]: T extends "left" ? Nullable<D[A]> : D[A] }
>;

type RightNames<O> = O extends string ? O : O extends readonly (infer A)[] ? A : O[keyof O];
type Nullable<A extends Column> = A extends Column<infer K> ? Column<K, true> : never;

/** Returns the pairs of columns that a join compares. @throws DEFINITION_INVALID */
export function joinPairs(on: unknown, method = "join"): Join["on"] {
  const pairs = typeof on === "string" ? [[on, on]] : Array.isArray(on) ? on.map((name) => [name, name]) : Object.entries(on ?? {});
  if (pairs.length === 0) throw definitionInvalid(method, `${method} needs the columns to compare: on: "origin"`);
  return pairs.map(([left, right]) => {
    if (typeof left === "string" && typeof right === "string") return { left, right };
    throw definitionInvalid(method, `${method} compares columns by name; to compare an expression, derive a column first`);
  });
}
