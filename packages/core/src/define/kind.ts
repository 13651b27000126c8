import type { ColumnKind } from "@mlforge/spec";

type IntegerKind = "int32" | "int64";
export type NumericKind = IntegerKind | "float32" | "float64" | "decimal";

/** The kinds a value of kind `K` can be compared with. */
export type ComparableKind<K extends ColumnKind> = K extends NumericKind ? NumericKind : K;

/** The kind of a sum, difference or product: integers give int64, a float among them float64. */
export type ArithmeticKind<K extends ColumnKind> =
  IsAny<K> extends true ? ColumnKind : [K] extends [IntegerKind] ? "int64" : [K] extends [IntegerKind | "decimal"] ? "decimal" : "float64";

/** The kind that holds values of all the kinds in `K`: the same one, or the wider of numeric ones. */
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

/** Whether either of two values may be null. */
export type Either<N extends boolean, M extends boolean> = true extends N | M ? true : false;

/** Whether both of two values may be null. */
export type Both<N extends boolean, M extends boolean> = true extends N ? (true extends M ? true : false) : false;

/** Values whose kind is not known are `any`, and must not pass for a known kind. */
export type IsAny<T> = 0 extends 1 & T ? true : false;
