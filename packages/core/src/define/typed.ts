import type { Aggregate, Column, ColumnKind, Expression, NestedKind, Schema, ValueOf } from "@mlforge/spec";
import type { ComparableKind } from "./kind.js";

/** Where an expression keeps its type and its data. Registered, so that two installed copies of this package know each other's. */
export const valueSymbol: unique symbol = Symbol.for("mlforge.expression.v1");

/** Where an aggregate keeps its type and its data. */
export const aggregateSymbol: unique symbol = Symbol.for("mlforge.aggregate.v1");

/** A value of each row, of kind `K`, that is never null if `N` is false. `D` is what a nested kind is made of, as in {@link Column}. */
export interface Typed<K extends ColumnKind = ColumnKind, N extends boolean = boolean, D = unknown> {
  readonly [valueSymbol]: TypedValue<K, N, D>;
}

interface TypedValue<K extends ColumnKind, N extends boolean, D> {
  readonly type: Column<K, N, D>;
  readonly expression: Expression;
  /** The columns it reads from; undefined if it reads none. */
  readonly rows: Schema | undefined;
}

/** A value of each group of rows. Made by the aggregating methods of expressions and by `count()`. */
export interface Aggregated<K extends ColumnKind = ColumnKind, N extends boolean = boolean, D = unknown> {
  readonly [aggregateSymbol]: AggregatedValue<K, N, D>;
}

interface AggregatedValue<K extends ColumnKind, N extends boolean, D> {
  readonly type: Column<K, N, D>;
  readonly aggregate: Aggregate;
  readonly rows: Schema | undefined;
}

/**
 * What can be written for a constant beside a value of each kind. Integers beyond 2^53 are written as bigint, exact decimals as string. Nested kinds have
 * no constants.
 */
export interface ConstantOf extends Omit<ValueOf, "int32" | "int64" | "decimal" | NestedKind>, Readonly<Record<NestedKind, never>> {
  readonly int32: number | bigint;
  readonly int64: number | bigint;
  readonly decimal: string | number | bigint;
}

/** What a value of kind `K` can be compared with: an expression, or a constant that takes the kind of the value beside it. */
export type Operand<K extends ColumnKind, N extends boolean = boolean> = Typed<ComparableKind<K>, N> | ConstantOf[K];

export function isTyped(candidate: unknown): candidate is Typed {
  return typeof candidate === "object" && candidate !== null && valueSymbol in candidate;
}

export function isAggregated(candidate: unknown): candidate is Aggregated {
  return typeof candidate === "object" && candidate !== null && aggregateSymbol in candidate;
}
