import type { Column, Columns, Row } from "@mlforge/spec";
import type { AnyFeature, Feature } from "../define/any-feature.js";
import type { DetailOf } from "../define/expr.js";
import type { FeatureGiven, FeatureInput, FeatureNames } from "../define/features-of.js";
import type { DerivedKey } from "../define/join-keys.js";
import type { Intersection, Simplify } from "../define/simplify.js";
import type { MlforgeTypeError, NoColumn, Quoted, Suggestion } from "../define/type-error.js";
import type { CheckedVersion } from "../define/version-text.js";
import type { RowValue } from "../read/rows.js";
import type { FileLabels, LabelRowOf } from "./labels.js";

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
 * Checks that the selected and renamed columns belong to their feature and that the labels have its keys, as far as its definition determines them.
 *
 * The choices are compared after they are inferred: a constraint on the choices themselves would widen the names in them.
 */
export type CheckedChoices<I extends readonly FeatureInput[], X, L extends string = string> = {
  readonly [A in keyof X]: CheckedChoice<I, X[A], L>;
};

/**
 * Adds nothing to names and features without a mistake. Repeating them would intersect the union of every name and every `name@version`, which a
 * choice is while TypeScript infers it, with itself. From about 150 features, that union has more members than TypeScript allows (TS2590). A selection
 * repeats itself, because an object literal must have only the properties of each part of an intersection.
 */
type CheckedChoice<I extends readonly FeatureInput[], E, L extends string> = E extends string
  ? E extends `${string}@${infer V}`
    ? CheckedVersion<V>
    : HasKeys<FeatureGiven<I, E>, L>
  : E extends AnyFeature
    ? HasKeys<E, L>
    : E extends { readonly feature: infer F }
      ? E & { readonly [P in Exclude<keyof E, keyof FeatureSelection>]: never } & (E extends { readonly version: infer V }
            ? { readonly version: CheckedVersion<V> }
            : Taking<TakenOf<FeatureGiven<I, F>>, E>) &
          (E extends { readonly keys: infer M }
            ? { readonly keys: Mapping<KeysOf<FeatureGiven<I, F>>, L, M> } & HasKeys<FeatureGiven<I, F>, L | keyof M>
            : HasKeys<FeatureGiven<I, F>, L>)
      : E;

/** The names of the label columns, as far as they are known. */
export type LabelNames<L> = [NamesIn<LabelRowOf<L>>] extends [never] ? string : NamesIn<LabelRowOf<L>>;

type NamesIn<R> = R extends unknown ? keyof R & string : never;

/** The label columns that can be the timestamp, as far as they are known. */
export type LabelTimes<L> = string extends LabelNames<L> ? string : TimesIn<LabelRowOf<L>>;

type TimesIn<R> = R extends unknown ? { readonly [A in keyof R]: CanBeTime<R[A]> extends true ? A : never }[keyof R] & string : never;

type CanBeTime<V> = Date extends V ? true : [NonNullable<V>] extends [never] ? true : [Extract<V, Date>] extends [never] ? false : true;

/** Checks the name of the label column that says when to predict. */
export type CheckedTimestamp<L, T> = string extends T
  ? unknown
  : T extends string
    ? T extends LabelTimes<L>
      ? unknown
      : T extends LabelNames<L>
        ? MlforgeTypeError<`the label column ${Quoted<T>} is neither a timestamp nor a date; ${Suggestion<T, LabelTimes<L>>}`>
        : MlforgeTypeError<NoColumn<T, LabelNames<L>, "the labels">>
    : unknown;

/** Checks that the labels have the keys of a feature that are not derived from other columns. */
type HasKeys<F, L> = F extends { readonly keys: readonly L[] } ? unknown : MissingKeys<F, L>;

type MissingKeys<F, L> =
  F extends Feature<infer N, infer K, infer C, string | undefined>
    ? string extends L | K | keyof C
      ? unknown
      : [Exclude<GivenKeys<K, C>, L>] extends [never]
        ? unknown
        : MlforgeTypeError<`the labels have no column ${Quoted<Exclude<GivenKeys<K, C>, L>>}, a key of feature ${Quoted<N>}; ${Suggestion<Exclude<GivenKeys<K, C>, L>, L>}`>
    : unknown;

/** The keys of a feature that labels must have. */
type GivenKeys<K extends string, C extends Columns> = K extends keyof C ? ([DetailOf<C[K]>] extends [DerivedKey] ? never : K) : never;

/** Maps keys of the feature to label columns. */
type Mapping<K extends string, L extends string, M> = {
  readonly [A in keyof M]: A extends K
    ? M[A] extends L
      ? M[A]
      : MlforgeTypeError<NoColumn<M[A], L, "the labels">>
    : MlforgeTypeError<`${Quoted<A>} is not a key of the feature; ${Suggestion<A, K>}`>;
};

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

/**
 * The columns of labels. Of label files, only those that the call names are known: the timestamp `T`, the columns of `labelTypes`, and the keys of the
 * choices `X`. Without choices, any name is allowed.
 */
export type KnownLabels<I extends readonly FeatureInput[], L, T, Y extends Columns, X> = L extends FileLabels
  ? X extends readonly []
    ? LabelRowOf<L>
    : Simplify<Row<Y> & { readonly [A in Exclude<(T & string) | KeysIn<I, X>, keyof Y>]: RowValue }>
  : LabelRowOf<L>;

/** The label columns that are the keys of the choices. */
type KeysIn<I extends readonly FeatureInput[], X> = X extends readonly (infer E)[]
  ? E extends { readonly feature: infer F; readonly keys: infer M }
    ? Exclude<RequiredKeys<FeatureGiven<I, F>>, keyof M> | (M[keyof M] & string)
    : RequiredKeys<FeatureGiven<I, E extends { readonly feature: infer F } ? F : E>>
  : never;

type RequiredKeys<F> = F extends Feature<string, infer K, infer C, string | undefined> ? GivenKeys<K, C> : never;

/** A row of a training set: the label, then the columns of the selected features, and their timestamps if `W` is true. */
export type TrainingRow<I extends readonly FeatureInput[], L, X, W = false> = Plain<
  Omit<L, keyof ChosenColumns<I, X>> & Row<ChosenColumns<I, X>> & ([W] extends [true] ? Row<ChosenTimes<I, X>> : unknown)
>;

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

/** The columns that `withTimestamps` adds. */
type ChosenTimes<I extends readonly FeatureInput[], X> = X extends readonly (infer E)[]
  ? Simplify<Intersection<E extends unknown ? TimeOf<I, E> : never>> extends infer C extends Columns
    ? C
    : never
  : never;

type TimeOf<I extends readonly FeatureInput[], E> = E extends AnyFeature
  ? TimeColumn<E>
  : E extends `${string}@${string}`
    ? Columns
    : E extends string
      ? TimeColumn<FeatureGiven<I, E>>
      : E extends { readonly version: string }
        ? Columns
        : E extends { readonly feature: infer F; readonly prefix: infer P extends string }
          ? TimeColumn<FeatureGiven<I, F>, P>
          : E extends { readonly feature: infer F }
            ? TimeColumn<FeatureGiven<I, F>>
            : never;

/** Adds nothing for a feature without a timestamp. */
type TimeColumn<F, P extends string = ""> =
  F extends Feature<infer N, string, infer C, infer T>
    ? string extends keyof C
      ? Columns
      : { readonly [A in keyof C as A extends T ? `${P}${N}_timestamp` : never]: Nullable<C[A]> }
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
