import type { Column, Columns } from "@mlforge/spec";
import type { AsOfOptions } from "./as-of-join.js";
import type { PlainConstant } from "./constant.js";
import type { Duration } from "./duration.js";
import type { ColumnFrom, RowExprs } from "./expr.js";
import type { HasColumns } from "./has-columns.js";
import type { CheckedJoin, JoinColumns, JoinOn, JoinType } from "./join.js";
import type { NullAdvice, Settled, UnsureAdvice } from "./plain-constant.js";
import type { Readable } from "./readable.js";
import type { AsOfChecks, Time, TimeOfDerive, TimeOfGroups, TimeOfJoin, TimeOfSelect } from "./relation-time.js";
import type { WindowLength } from "./rolling.js";
import type { SelectedColumns } from "./select.js";
import type { SequenceColumn, SequenceOptions, SequenceRows } from "./sequence.js";
import type { SessionOptions, SessionRows } from "./sessions.js";
import type { Simplify } from "./simplify.js";
import type { MlforgeTypeError, Quoted } from "./type-error.js";
import type { Aggregated, Typed } from "./typed.js";
import type { CheckedUnion, TimeOfUnion, UnionColumns } from "./union.js";

declare const timeOf: unique symbol;

/**
 * Represents rows with the columns `C` and the operations on them. `T` is the column that says when a row became known.
 *
 * Immutable: every method returns a new relation.
 */
export interface Relation<C extends Columns, T extends Time = Time> extends HasColumns<C> {
  /** Exists only in the type. */
  readonly [timeOf]?: T;
  /** Keeps the rows for which the condition is true. */
  filter(condition: (row: RowExprs<C>) => Typed<"boolean">): Relation<C, T>;
  /**
   * Adds columns, or replaces those with the same name. A value is an expression or a constant. A safe integer is int64, any other number is float64.
   *
   * @example
   * rows.derive(({ arrived, planned }) => ({ delay: arrived.minus(planned), flights: 1 }));
   */
  derive<const R extends Readonly<Record<string, NonNullable<unknown> | undefined | MlforgeTypeError<NullAdvice>>>>(
    columns: (row: RowExprs<C>) => R & CheckedValues<R>,
  ): Relation<Simplify<Omit<C, keyof R> & ColumnsFrom<R>>, TimeOfDerive<T, R>>;
  /** Keeps only these columns, in this order. `{ total: "delay" }` selects `delay` as `total`. */
  select<const S extends readonly ((keyof C & string) | Readonly<Record<string, keyof C & string>>)[]>(
    ...columns: S
  ): Relation<SelectedColumns<C, S>, TimeOfSelect<T, S>>;
  /**
   * Groups rows with the same values in `keys`: columns, and functions that compute more of them. Null counts as a value.
   *
   * @example
   * rows.groupBy("user", ({ at }) => ({ known: at.truncate("1d").plusDuration("1d") }));
   */
  groupBy<const K extends readonly ((keyof C & string) | ((row: RowExprs<C>) => Readonly<Record<string, Typed>>))[]>(
    ...keys: K
  ): Grouped<WithComputedKeys<C, K>, KeyNames<K>, T>;
  /**
   * Aggregates over windows of time that end at the multiples of `every`, at each time at which one of them changes.
   *
   * Returns the keys, the timestamp, and a column `<name>_<window>` for each aggregate and window.
   *
   * @example
   * rows
   *   .rolling({
   *     keys: ["card"],
   *     every: "1h",
   *     windows: ["1d", "30d", "lifetime"],
   *     aggregate: ({ amount, declined }) => ({ spent: amount.sum({ where: declined.not() }) }),
   *   })
   *   .derive(({ spent_1d, spent_30d }) => ({ spent_ratio: spent_1d.dividedBy(spent_30d) }));
   */
  rolling<
    const K extends keyof C & string,
    const W extends WindowLength,
    R extends Readonly<Record<string, Aggregated>>,
    const M extends keyof C & string = never,
  >(options: RollingWindows<C, K, W, R, M>): Relation<RolledRows<C, K, W, R, RolledTime<T, M>>, RolledTime<T, M>>;
  /**
   * Adds the number of each row among those of its key in the order of time, and values of the rows before it.
   *
   * @example
   * rows
   *   .sequence({
   *     keys: ["card"],
   *     thenBy: ["payment_id"],
   *     columns: { payment_number: "rowNumber", previous_at: { lag: "at" }, third_last_amount: { lag: "amount", offset: 3 } },
   *   })
   *   .derive(({ at, previous_at }) => ({ pause: previous_at.microsecondsUntil(at) }));
   */
  sequence<
    const K extends keyof C & string,
    const S extends Readonly<Record<string, SequenceColumn<keyof C & string>>>,
    const M extends keyof C & string = never,
  >(options: SequenceOptions<C, K, S, M>): Relation<SequenceRows<C, S, RolledTime<T, M>>, RolledTime<T, M>>;
  /**
   * Groups the rows of each key into sessions: runs of rows that are at most `gap` apart. Returns one row for each session: the keys, the timestamp, and
   * the aggregates.
   *
   * The timestamp is when the session is known to have ended: `gap` after its last row. To keep the times of its first and last row, aggregate them.
   *
   * @example
   * rows.sessions({
   *   keys: ["user"],
   *   gap: "30m",
   *   aggregate: ({ at, page }) => ({ started: at.min(), ended: at.max(), length: at.min().microsecondsUntil(at.max()), pages: page.countDistinct() }),
   * });
   */
  sessions<const K extends keyof C & string, R extends Readonly<Record<string, unknown>>, const M extends keyof C & string = never>(
    options: SessionOptions<C, K, R & CheckedAggregates<R>, M>,
  ): Relation<SessionRows<C, K, R, RolledTime<T, M>>, RolledTime<T, M>>;
  /**
   * Joins these rows with the rows of `other` that have the same values in the columns of `on`. Null matches nothing.
   *
   * Returns the columns of this side, then those of `other` except its columns of `on`. `left` keeps rows without a match and fills in nulls.
   *
   * A feature with a timestamp cannot join rows that have their own timestamp. Use {@link asOfJoin} instead.
   */
  join<D extends Columns, U extends Time, const O extends JoinOn<C, D>, const J extends JoinType = "inner">(
    other: Relation<D, U> | Readable<D, U>,
    options: { readonly on: O & CheckedJoin<C, D, O>; readonly type?: J | undefined } & Timeless,
  ): Relation<JoinColumns<C, D, O, J>, TimeOfJoin<T, U>>;
  /**
   * Joins each row with the newest row of `other` that was known at its time: the one with the same values in the columns of `on` and the greatest
   * timestamp that is not later than the timestamp of the row. Null matches nothing.
   *
   * Keeps every row once. Returns the columns of this side, then those of `other` except its columns of `on`, which are null if no row was known. The
   * build fails if two rows of `other` have the same values in `on` and the same timestamp.
   *
   * @example
   * rows.asOfJoin(from(plans).select("user", "since", "plan"), { on: "user", ttl: "365d" });
   */
  asOfJoin<
    D extends Columns,
    U extends Time,
    const O extends JoinOn<C, D>,
    const A extends keyof C & string = never,
    const B extends keyof D & string = never,
  >(
    other: Relation<D, U> | Readable<D, U>,
    options: AsOfOptions<C, D, O, A, B> & { readonly on: AsOfChecks<C, RolledTime<T, A>, D, RolledTime<U, B>, O> },
  ): Relation<JoinColumns<C, D, O, "left">, T>;
  /**
   * Adds the rows of `other`, which has the same columns, of the same kinds. Columns are matched by name. Keeps duplicates.
   *
   * The rows are in no particular order.
   *
   * @example
   * rows.derive(() => ({ channel: literal("web") })).union(from(stores).derive(() => ({ channel: literal("store") })));
   */
  union<D extends Columns, U extends Time>(
    other: (Relation<D, U> | Readable<D, U>) & CheckedUnion<C, T, D, U>,
  ): Relation<UnionColumns<C, D>, TimeOfUnion<T, U>>;
  /** Removes duplicate rows. */
  distinct(): Relation<C, T>;
}

/** Windows over the rows of a relation. */
export interface RollingWindows<C extends Columns, K extends string, W extends WindowLength, R, M extends string> {
  /** The columns that identify the entity of a window. */
  readonly keys: readonly K[];
  /** The step. Windows end at its multiples since the Unix epoch, in UTC. Rows in a step become known at its end. */
  readonly every: Duration;
  /** The lengths of the windows, each a multiple of `every`. `lifetime` is everything since the first row. */
  readonly windows: readonly W[];
  /** Returns the aggregates, and what is computed from aggregates of the same window. */
  readonly aggregate: (row: RowExprs<C>) => R;
  /** The column that says when a row became known. Defaults to the timestamp of the rows. */
  readonly timestamp?: M | undefined;
}

type RolledTime<T extends Time, M extends string> = [M] extends [never] ? T : M;

/** The columns of windows. Unknown if the timestamp is known only at run time. */
type RolledRows<C extends Columns, K, W extends string, R, T extends Time> = string extends T
  ? Columns
  : Simplify<
        { readonly [A in keyof C as A extends K ? A : never]: C[A] } & {
          readonly [A in T & string]: Column<"timestamp", A extends keyof C ? C[A]["nullable"] : true>;
        } & { readonly [A in keyof R & string as `${A}_${W}`]: ColumnFrom<R[A]> }
      > extends infer X extends Columns
    ? X
    : never;

/** Declares that a step can use rows of any time. */
export interface Timeless {
  /** Why the rows it uses are the same at any time: `"plans never change"`. Kept in the metadata of the version. */
  readonly timeless?: string | undefined;
}

/** Groups of rows to aggregate. */
export interface Grouped<C extends Columns, K extends string, T extends Time = Time> {
  /**
   * Returns one row for each group: the keys, then the given aggregates, and what is computed from them.
   *
   * A feature with a timestamp cannot group rows of different times. Make the timestamp one of the keys, or use rolling windows.
   *
   * @example
   * rows.groupBy("user", "at").aggregate(({ amount, refunded }) => ({
   *   refund_share: amount.sum({ where: refunded }).dividedBy(amount.sum()),
   * }));
   */
  aggregate<R extends Readonly<Record<string, unknown>>>(
    columns: (row: RowExprs<C>) => R & CheckedAggregates<R>,
    options?: Timeless,
  ): Relation<Simplify<Omit<Pick<C, K & keyof C>, keyof R> & ColumnsFrom<R>>, TimeOfGroups<T, K>>;
  /**
   * Returns one row for each group: the keys, then a column `<name>_<value>` for each aggregate and declared value of a column.
   *
   * @example
   * rows.groupBy("user", "at").pivot({ column: "channel", values: ["web", "store"], aggregate: ({ amount }) => ({ spent: amount.sum() }) });
   */
  pivot<const V extends string | number | bigint | boolean, R extends Readonly<Record<string, Aggregated>>>(
    pivot: PivotOptions<C, V, R>,
    options?: Timeless,
  ): Relation<PivotedRows<C, K, V, R>, TimeOfGroups<T, K>>;
}

/** Columns for declared values of another column. */
export interface PivotOptions<C extends Columns, V extends string | number | bigint | boolean, R> {
  readonly column: keyof C & string;
  /** The values that become columns. Rows with other values, or with null, count for none of them. */
  readonly values: readonly V[];
  /** Returns the aggregates of the rows with each value. */
  readonly aggregate: (row: RowExprs<C>) => R;
}

type PivotedRows<C extends Columns, K extends string, V extends string | number | bigint | boolean, R> =
  Simplify<Pick<C, K & keyof C> & { readonly [A in keyof R & string as `${A}_${V}`]: ColumnFrom<R[A]> }> extends infer X extends Columns
    ? X
    : never;

/**
 * The rows of a source or feature, or those that a function over rows returns. Types a cleaning step that several features share.
 *
 * @example
 * const paid = (rows: Rows<typeof orders>) => rows.filter(({ status }) => status.eq("paid"));
 * const spending = (rows: Rows<typeof paid>) => rows.groupBy("user", "at").aggregate(({ amount }) => ({ spent: amount.sum() }));
 */
export type Rows<S> = S extends Readable<infer C, infer T> ? Relation<C, T> : S extends (...args: never[]) => infer R ? R : never;

/** Returns the rows of another source, or the published rows of another feature, for use in a transform. */
export type From = <C extends Columns, T extends Time>(source: Readable<C, T>) => Relation<C, T>;

type KeyNames<K extends readonly unknown[]> = NamesOf<K[number]>;
type NamesOf<E> = E extends string ? E : E extends (row: never) => infer R ? keyof R & string : never;

/** The columns `C` with those that the functions among the keys compute. */
type WithComputedKeys<C extends Columns, K extends readonly unknown[]> = [Exclude<K[number], string>] extends [never]
  ? C
  : Simplify<C & { readonly [A in NamesOf<Exclude<K[number], string>>]: ColumnFrom<Computed<Exclude<K[number], string>, A>> }>;
type Computed<F, A extends string> = F extends (row: never) => infer R ? (A extends keyof R ? R[A] : never) : never;

/** Checks that every value is an expression or a constant. */
type CheckedValues<R> = {
  readonly [A in keyof R]: string extends A
    ? unknown // The given values do not fit the constraint, which the compiler reports.
    : Exclude<R[A], undefined> extends Typed
      ? unknown
      : R[A] extends Aggregated
        ? MlforgeTypeError<`${Quoted<A>} is an aggregate; use groupBy(...).aggregate(...)`>
        : R[A] extends PlainConstant
          ? number extends Settled<R[A]>
            ? MlforgeTypeError<`${Quoted<A>} ${UnsureAdvice}`>
            : unknown
          : MlforgeTypeError<`${Quoted<A>} is not an expression over the columns of the row`>;
};

/** Checks that every value is an aggregate. */
type CheckedAggregates<R> = {
  readonly [A in keyof R]: Exclude<R[A], undefined> extends Aggregated
    ? unknown
    : R[A] extends Typed
      ? MlforgeTypeError<`${Quoted<A>} is not aggregated; add .sum(), .max(), or another aggregate`>
      : MlforgeTypeError<`${Quoted<A>} is not an aggregate; use one, such as count()`>;
};

type ColumnsFrom<R> = { readonly [A in keyof R]: ColumnFrom<R[A]> };
