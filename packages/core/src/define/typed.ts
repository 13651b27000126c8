import type { AggregateCall, Column, ColumnKind, Expression, NestedKind, Schema, ValueOf } from "@mlforge/spec";
import type { ComparableKind } from "./kind.js";

/** The property that holds the type and data of an expression. Registered, so that two installed copies of this package recognize each other's. */
export const valueSymbol: unique symbol = Symbol.for("mlforge.expression.v1");

/** The property that holds the type and data of an aggregate. */
export const aggregateSymbol: unique symbol = Symbol.for("mlforge.aggregate.v2");

/** A value of each row, of kind `K`, that is never null if `N` is false. `D` describes the inside of a nested kind, as in {@link Column}. */
export interface Typed<K extends ColumnKind = ColumnKind, N extends boolean = boolean, D = unknown> {
  readonly [valueSymbol]: TypedValue<K, N, D>;
}

interface TypedValue<K extends ColumnKind, N extends boolean, D> {
  readonly type: Column<K, N, D>;
  readonly expression: Expression;
  /** The columns of the relation it reads. Undefined if it reads none. */
  readonly rows: Schema | undefined;
}

/** A value of each group of rows. Returned by the aggregate methods of expressions and by `count()`. */
export interface Aggregated<K extends ColumnKind = ColumnKind, N extends boolean = boolean, D = unknown> {
  readonly [aggregateSymbol]: AggregatedValue<K, N, D>;
}

interface AggregatedValue<K extends ColumnKind, N extends boolean, D> {
  readonly type: Column<K, N, D>;
  /** The value, from those of `calls` by their names. */
  readonly expression: Expression;
  readonly calls: readonly CalledAggregate[];
  readonly rows: Schema | undefined;
}

/** An aggregate function over rows. Its name follows from what it computes. */
export interface CalledAggregate {
  readonly name: string;
  readonly aggregate: AggregateCall;
  readonly type: Column;
}

/**
 * The JavaScript types of constants of each kind. Use bigint for integers beyond 2^53 and strings for exact decimals. Nested kinds have no
 * constants.
 */
export interface ConstantOf extends Omit<ValueOf, "int32" | "int64" | "decimal" | NestedKind>, Readonly<Record<NestedKind, never>> {
  readonly int32: number | bigint;
  readonly int64: number | bigint;
  readonly decimal: string | number | bigint;
}

/** The operands for a value of kind `K`: an expression, or a constant, which takes the kind of the value beside it. */
export type Operand<K extends ColumnKind, N extends boolean = boolean> = Typed<ComparableKind<K>, N> | ConstantOf[K];

export function isTyped(candidate: unknown): candidate is Typed {
  return typeof candidate === "object" && candidate !== null && valueSymbol in candidate;
}

export function isAggregated(candidate: unknown): candidate is Aggregated {
  return typeof candidate === "object" && candidate !== null && aggregateSymbol in candidate;
}
