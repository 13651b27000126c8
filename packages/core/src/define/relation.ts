import type { Columns } from "@mlforge/spec";
import type { AsOfOptions } from "./as-of-join.js";
import type { ColumnFrom, RowExprs } from "./expr.js";
import type { HasColumns } from "./has-columns.js";
import type { JoinColumns, JoinOn, JoinType } from "./join.js";
import type { AsOfChecks, Time, TimeOfDerive, TimeOfGroups, TimeOfJoin, TimeOfSelect } from "./relation-time.js";
import type { SelectedColumns, Selection } from "./select.js";
import type { Simplify } from "./simplify.js";
import type { Source } from "./source.js";
import type { Aggregated, Typed } from "./typed.js";

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
  /** Adds columns, or replaces those with the same name. */
  derive<R extends Readonly<Record<string, Typed>>>(
    columns: (row: RowExprs<C>) => R,
  ): Relation<Simplify<Omit<C, keyof R> & ColumnsFrom<R>>, TimeOfDerive<T, R>>;
  /** Keeps only these columns, in this order. `{ total: "delay" }` selects `delay` as `total`. */
  select<const S extends readonly Selection<C>[]>(...columns: S): Relation<SelectedColumns<C, S>, TimeOfSelect<T, S>>;
  /**
   * Groups rows with the same values in `keys`: columns, and functions that compute more of them. Null counts as a value.
   *
   * @example
   * rows.groupBy("user", ({ at }) => ({ known: at.truncate("1d").plusDuration("1d") }));
   */
  groupBy<const K extends readonly GroupKey<C>[]>(...keys: K): Grouped<WithComputedKeys<C, K>, KeyNames<K>, T>;
  /**
   * Joins these rows with the rows of `other` that have the same values in the columns of `on`. Null matches nothing.
   *
   * Returns the columns of this side, then those of `other` except its columns of `on`. `left` keeps rows without a match and fills in nulls.
   *
   * A feature with a timestamp cannot join rows that have their own timestamp. Use {@link asOfJoin} instead.
   */
  join<D extends Columns, U extends Time, const O extends JoinOn<C, D>, const J extends JoinType = "inner">(
    other: Relation<D, U> | Source<D, U>,
    options: { readonly on: O; readonly type?: J | undefined } & Timeless,
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
  asOfJoin<D extends Columns, U extends Time, const O extends JoinOn<C, D>>(
    other: Relation<D, U> | Source<D, U>,
    options: AsOfOptions<C, D, O> & AsOfChecks<C, T, D, U, O>,
  ): Relation<JoinColumns<C, D, O, "left">, T>;
  /** Removes duplicate rows. */
  distinct(): Relation<C, T>;
}

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
  aggregate<R extends Readonly<Record<string, Aggregated>>>(
    columns: (row: RowExprs<C>) => R,
    options?: Timeless,
  ): Relation<Simplify<Omit<Pick<C, K & keyof C>, keyof R> & ColumnsFrom<R>>, TimeOfGroups<T, K>>;
}

/** Returns the rows of another source, for use in a transform. */
export type From = <C extends Columns, T extends Time>(source: Source<C, T>) => Relation<C, T>;

/** A column to group by, or a function that returns new columns to group by. */
type GroupKey<C extends Columns> = (keyof C & string) | ((row: RowExprs<C>) => Readonly<Record<string, Typed>>);

type KeyNames<K extends readonly unknown[]> = NamesOf<K[number]>;
type NamesOf<E> = E extends string ? E : E extends (row: never) => infer R ? keyof R & string : never;

/** The columns `C` with those that the functions among the keys compute. */
type WithComputedKeys<C extends Columns, K extends readonly unknown[]> = [Exclude<K[number], string>] extends [never]
  ? C
  : Simplify<C & { readonly [A in NamesOf<Exclude<K[number], string>>]: ColumnFrom<Computed<Exclude<K[number], string>, A>> }>;
type Computed<F, A extends string> = F extends (row: never) => infer R ? (A extends keyof R ? R[A] : never) : never;

type ColumnsFrom<R> = { readonly [A in keyof R]: ColumnFrom<R[A]> };
