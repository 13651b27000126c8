import type { Columns } from "@mlforge/spec";
import type { ColumnFrom, RowExprs } from "./expr.js";
import type { HasColumns } from "./has-columns.js";
import type { JoinColumns, JoinOn, JoinType } from "./join.js";
import type { SelectedColumns, Selection } from "./select.js";
import type { Source } from "./source.js";
import type { Aggregated, Typed } from "./typed.js";

/** Rows with the columns `C`, and what can be made of them. Immutable: every method gives a new relation. */
export interface Relation<C extends Columns> extends HasColumns<C> {
  /** The rows for which the condition is true. */
  filter(condition: (row: RowExprs<C>) => Typed<"boolean">): Relation<C>;
  /** With columns added, or replaced where the name exists. */
  derive<R extends Readonly<Record<string, Typed>>>(
    columns: (row: RowExprs<C>) => R,
  ): Relation<Simplify<Omit<C, keyof R> & ColumnsFrom<R>>>;
  /** Only these columns, in this order. `{ total: "delay" }` selects `delay` as `total`. */
  select<const S extends readonly Selection<C>[]>(...columns: S): Relation<SelectedColumns<C, S>>;
  /** Groups of rows that have the same values in `keys`. Null is a value like any other. */
  groupBy<const K extends keyof C & string>(...keys: readonly K[]): Grouped<C, K>;
  /**
   * These rows beside the rows of `other` that have the same values in the columns of `on`; null matches nothing.
   *
   * The columns are these, then those of `other` without its columns of `on`. `left` keeps the rows without a match and gives them nulls.
   */
  join<D extends Columns, const O extends JoinOn<C, D>, const T extends JoinType = "inner">(
    other: Relation<D> | Source<D, string | undefined>,
    options: { readonly on: O; readonly type?: T | undefined },
  ): Relation<JoinColumns<C, D, O, T>>;
  /** Without rows that are equal to another in all columns. */
  distinct(): Relation<C>;
}

/** Groups of rows, to be aggregated. */
export interface Grouped<C extends Columns, K extends keyof C & string> {
  /** One row for each group: the keys, then the given aggregates. */
  aggregate<R extends Readonly<Record<string, Aggregated>>>(
    columns: (row: RowExprs<C>) => R,
  ): Relation<Simplify<Omit<Pick<C, K>, keyof R> & ColumnsFrom<R>>>;
}

/** The rows of another source, for use in a transform. */
export type From = <C extends Columns>(source: Source<C, string | undefined>) => Relation<C>;

type ColumnsFrom<R> = { readonly [A in keyof R]: ColumnFrom<R[A]> };

/** An intersection as one object type, so that editors show its columns. */
export type Simplify<T> = { readonly [A in keyof T]: T[A] } & {};
