import type { Column, ColumnKind, Columns } from "@mlforge/spec";
import type { Duration } from "./duration.js";
import type { NumericKind, SumKind } from "./kind.js";
import type { Intersection, Simplify } from "./simplify.js";
import type { MlforgeTypeError, NoColumn, Quoted } from "./type-error.js";

/**
 * Aggregates over time windows that advance in steps.
 *
 * @example
 * { every: "1d", windows: ["7d", "30d"], aggregations: { delay: ["mean", "count"] } }
 */
export interface Rolling {
  /** The step. Values change at its multiples since the Unix epoch, in UTC. Events in a step become known at its end. */
  readonly every: Duration;
  /** The lengths of the windows, each a multiple of `every`. `lifetime` is everything since the first row. */
  readonly windows: readonly WindowLength[];
  /** The aggregates of each column. `first` and `last` are by the timestamp. For all others, use `rows.rolling()` in the transform. */
  readonly aggregations: Readonly<Record<string, readonly NamedAggregation[]>>;
}

/** The length of a window. `lifetime` is everything since the first row. */
export type WindowLength = Duration | "lifetime";

/** The aggregates that feature windows can name. */
export const namedAggregations = [
  "sum",
  "mean",
  "count",
  "min",
  "max",
  "std",
  "median",
  "countDistinct",
  "approxCountDistinct",
  "first",
  "last",
  "mode",
  "any",
  "every",
] as const;

export type NamedAggregation = (typeof namedAggregations)[number];

type CountAggregation = "count" | "countDistinct" | "approxCountDistinct";
type ValueAggregation = "min" | "max" | "first" | "last" | "mode";

/** One or several. */
export type RollingInput = Rolling | readonly Rolling[];

/** The aggregates that a kind supports. Only numbers support arithmetic. */
type AggregationOf<K extends ColumnKind> = [K] extends [NumericKind]
  ? Exclude<NamedAggregation, "any" | "every">
  : [K] extends ["boolean"]
    ? Exclude<NamedAggregation, "sum" | "mean" | "std" | "median">
    : [ColumnKind] extends [K]
      ? NamedAggregation
      : Exclude<NamedAggregation, "sum" | "mean" | "std" | "median" | "any" | "every">;

/** The shape that TypeScript infers windows from, before {@link CheckedRolling} checks them. */
export interface RollingShape {
  readonly every: string;
  readonly windows: readonly string[];
  readonly aggregations: Readonly<Record<string, readonly string[]>>;
}

/** Checks windows over the columns `C`: the durations, the columns, and the aggregates that their kinds support. */
export type CheckedRolling<C extends Columns, R> = R extends readonly unknown[]
  ? { readonly [I in keyof R]: CheckedWindows<C, R[I]> }
  : CheckedWindows<C, R>;

interface CheckedWindows<C extends Columns, E> {
  readonly every: E extends { readonly every: infer D extends string } ? CheckedDuration<D> : Duration;
  readonly windows: E extends { readonly windows: infer W extends readonly string[] }
    ? { readonly [I in keyof W]: W[I] extends "lifetime" ? W[I] : CheckedDuration<W[I]> }
    : readonly WindowLength[];
  readonly aggregations: { readonly [A in keyof C]?: readonly AggregationOf<C[A]["kind"]>[] } & (E extends {
    readonly aggregations: infer G;
  }
    ? { readonly [A in Exclude<keyof G, keyof C>]: MlforgeTypeError<NoColumn<A, keyof C>> }
    : unknown);
}

type CheckedDuration<D extends string> = string extends D
  ? Duration
  : D extends Duration
    ? D
    : MlforgeTypeError<`${Quoted<D>} is not a duration; use an integer and s, m, h, d, or w, such as 30d`>;

/** The columns of a feature with windows: its keys, its timestamp, and one for each column, aggregation and window. */
export type RolledColumns<N extends string, C extends Columns, K, T, R> = [R] extends [RollingShape | readonly RollingShape[]]
  ? Simplify<
      { readonly [A in keyof C as A extends K ? A : never]: C[A] } & {
        readonly [A in T & string]: Column<"timestamp", A extends keyof C ? C[A]["nullable"] : true>;
      } & Intersection<R extends readonly (infer E)[] ? WindowColumns<N, C, E> : WindowColumns<N, C, R>>
    > extends infer X extends Columns
    ? X
    : never
  : C;

type WindowColumns<N extends string, C extends Columns, R> = R extends {
  readonly every: infer E extends string;
  readonly windows: readonly (infer W extends string)[];
  readonly aggregations: infer G;
}
  ? {
      [A in keyof G & keyof C & string]: G[A] extends readonly (infer F extends NamedAggregation)[]
        ? { readonly [X in F as `${N}__${A}__${X}__${E}__${W}`]: RolledColumn<C[A]["kind"], X> }
        : never;
    }[keyof G & keyof C & string]
  : never;

type RolledColumn<K extends ColumnKind, F extends NamedAggregation> = F extends CountAggregation
  ? Column<"int64", false>
  : F extends "sum"
    ? Column<K extends NumericKind ? SumKind<K> : never, true>
    : F extends ValueAggregation
      ? Column<K, true>
      : F extends "any" | "every"
        ? Column<"boolean", true>
        : Column<"float64", true>;
