import type { ColumnKind } from "@mlforge/spec";

type IntegerKind = "int32" | "int64";
export type NumericKind = IntegerKind | "float32" | "float64" | "decimal";

/** The kinds a value of kind `K` can be compared with. */
export type ComparableKind<K extends ColumnKind> = K extends NumericKind ? NumericKind : K;

/** The kind of a sum, difference, or product: integers give int64; any float gives float64. */
export type ArithmeticKind<K extends ColumnKind> =
  IsAny<K> extends true ? ColumnKind : [K] extends [IntegerKind] ? "int64" : [K] extends [IntegerKind | "decimal"] ? "decimal" : "float64";

/** The common kind of all kinds in `K`: the same kind, or the widest numeric kind. */
export type CommonKind<K extends ColumnKind> =
  IsAny<K> extends true
    ? ColumnKind
    : [K] extends [never]
      ? never
      : [K] extends ["int32"]
        ? "int32"
        : [K] extends ["float32"]
          ? "float32"
          : [K] extends [NumericKind]
            ? ArithmeticKind<K>
            : Alone<K>;

/** `K` if it is one kind, never if it is several. */
type Alone<K extends ColumnKind, A extends ColumnKind = K> = K extends unknown ? ([A] extends [K] ? K : never) : never;

/** The kind of a sum over rows. */
export type SumKind<K extends NumericKind> = K extends IntegerKind ? "int64" : K extends "decimal" ? "decimal" : "float64";

/** True if either value can be null. */
export type Either<N extends boolean, M extends boolean> = true extends N | M ? true : false;

/** True if both values can be null. */
export type Both<N extends boolean, M extends boolean> = true extends N ? (true extends M ? true : false) : false;

/** True for `any`. Values of unknown kind are `any` and must not count as a known kind. */
export type IsAny<T> = 0 extends 1 & T ? true : false;
