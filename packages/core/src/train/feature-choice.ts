import type { Column, Columns, Row } from "@mlforge/spec";
import type { AnyFeature, Feature } from "../define/any-feature.js";
import type { DetailOf } from "../define/expr.js";
import type { FeatureGiven, FeatureInput, FeatureNames } from "../define/features-of.js";
import type { Simplify } from "../define/simplify.js";
import type { LabelRowOf } from "./labels.js";

/** A feature of a training set: an object, a name, a name with a version or range (`delay@^1.0`), or a selection of its columns. */
export type FeatureChoice<I extends readonly FeatureInput[] = readonly FeatureInput[]> =
  | AnyFeature
  | FeatureNames<I>
  | `${FeatureNames<I>}@${string}`
  | FeatureSelection<I>;

/** A feature of a training set, with the columns to use. */
export interface FeatureSelection<I extends readonly FeatureInput[] = readonly FeatureInput[]> {
  readonly feature: AnyFeature | FeatureNames<I>;
  /** A version, or a range such as `^1.0`. Defaults to the latest version. */
  readonly version?: string | undefined;
  /** The columns to use. May include the feature's timestamp, which says when the values became known. Defaults to all values. */
  readonly columns?: readonly string[] | undefined;
  /**
   * The label columns that are its keys, by key: `{ user_id: "buyer_id" }`. Also applies to the columns that a key is derived from. Defaults to the
   * columns with the same names.
   */
  readonly keys?: Readonly<Record<string, string>> | undefined;
  /** New names by old name. */
  readonly rename?: Readonly<Record<string, string>> | undefined;
  /** A prefix for every column that `rename` does not name. Defaults to no prefix. */
  readonly prefix?: string | undefined;
}

/**
 * Checks that the selected and renamed columns belong to their feature, as far as its definition determines them.
 *
 * The choices are compared after they are inferred: a constraint on the choices themselves would widen the names in them.
 */
export type CheckedChoices<I extends readonly FeatureInput[], X, L extends string = string> = {
  readonly [A in keyof X]: CheckedChoice<I, X[A], L>;
};

/**
 * Adds nothing to names and features. Repeating them would intersect the union of every name and every `name@version`, which a choice is while
 * TypeScript infers it, with itself. From about 150 features, that union has more members than TypeScript allows (TS2590). A selection repeats
 * itself, because an object literal must have only the properties of each part of an intersection.
 */
type CheckedChoice<I extends readonly FeatureInput[], E, L extends string> = E extends string | AnyFeature
  ? unknown
  : E extends { readonly feature: infer F }
    ? E & { readonly [P in Exclude<keyof E, keyof FeatureSelection>]: never } & (E extends { readonly version: string }
          ? unknown
          : Taking<TakenOf<FeatureGiven<I, F>>, E>) &
        Mapping<KeysOf<FeatureGiven<I, F>>, L, E>
    : E;

/** The names of the label columns, as far as they are known. */
export type LabelNames<L> = keyof LabelRowOf<L> & string;

/** Maps keys of the feature to label columns. */
type Mapping<K extends string, L extends string, E> = E extends { readonly keys: infer M }
  ? {
      readonly keys: {
        readonly [A in keyof M]: A extends K
          ? M[A] extends L
            ? M[A]
            : `the labels have no column "${M[A] & string}"`
          : `"${A & string}" is not a key of the feature`;
      };
    }
  : unknown;

/** The keys of a feature, and its columns, since a key can be derived from them. */
type KeysOf<F> = F extends Feature<string, infer K, infer C, string | undefined> ? K | (keyof C & string) : string;

interface Taking<N extends string, E> {
  readonly columns?: readonly N[] | undefined;
  readonly rename?:
    | (E extends { readonly rename: infer R } ? { readonly [A in keyof R]: A extends N ? R[A] : never } : unknown)
    | undefined;
}

/** The columns that can be selected from a feature: its values, and its timestamp. */
type TakenOf<F> =
  F extends Feature<string, infer K, infer C, string | undefined>
    ? string extends keyof C
      ? string
      : Exclude<keyof C & string, K>
    : string;

/** A row of a training set: the label, then the columns of the selected features. */
export type TrainingRow<I extends readonly FeatureInput[], L, X> = Plain<Omit<L, keyof ChosenColumns<I, X>> & Row<ChosenColumns<I, X>>>;

type Plain<T> = { -readonly [A in keyof T]: T[A] } & {};

/** The columns that the choices `X` add to labels. Each is nullable, since an entity can be unknown. */
type ChosenColumns<I extends readonly FeatureInput[], X> = X extends readonly (infer E)[]
  ? Simplify<Intersection<E extends unknown ? ChosenOf<I, E> : never>> extends infer C extends Columns
    ? C
    : never
  : never;

type ChosenOf<I extends readonly FeatureInput[], E> = E extends AnyFeature
  ? ValuesOf<E>
  : E extends `${string}@${string}`
    ? // An explicit version can have other columns than the definition.
      Columns
    : E extends string
      ? ValuesOf<FeatureGiven<I, E>>
      : E extends { readonly feature: infer F; readonly version: string }
        ? F extends unknown
          ? Columns
          : never
        : E extends { readonly feature: infer F }
          ? Renamed<Picked<AllOf<FeatureGiven<I, F>>, ValuesOf<FeatureGiven<I, F>>, E>, E>
          : never;

/** The columns of a feature without its keys and timestamp. */
type ValuesOf<F> =
  F extends Feature<string, infer K, infer C, infer T>
    ? string extends keyof C
      ? Columns
      : { readonly [A in keyof C as A extends K | T ? never : A]: Nullable<C[A]> }
    : never;

type AllOf<F> = F extends Feature<string, string, infer C, string | undefined> ? { readonly [A in keyof C]: Nullable<C[A]> } : never;

/** The same column, including the contents of a list, vector, or struct, but nullable. */
type Nullable<C extends Column> = Column<C["kind"], true, DetailOf<C>>;

type Picked<All, Values, E> = E extends { readonly columns: readonly (infer A)[] } ? { readonly [B in keyof All & A]: All[B] } : Values;

type Renamed<C, E> = {
  readonly [A in keyof C & string as E extends { readonly rename: infer R extends Readonly<Record<string, string>> }
    ? A extends keyof R
      ? R[A]
      : Prefixed<A, E>
    : Prefixed<A, E>]: C[A];
};

type Prefixed<A extends string, E> = E extends { readonly prefix: infer P extends string } ? `${P}${A}` : A;

type Intersection<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void ? I : never;
