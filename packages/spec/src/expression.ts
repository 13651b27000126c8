import type { ScalarKind } from "./column.js";

/** A value computed from one row. Closed and serializable: it is fingerprinted, compiled, and compared. */
export type Expression = ColumnReference | Literal | Call | Conditional | Cast;

/** The value of a column of the input. */
export interface ColumnReference {
  readonly expr: "column";
  readonly name: string;
}

/**
 * A constant, written as a string so that its JSON is exact.
 *
 * int32, int64 and decimal: decimal digits. float32 and float64: as `String(number)` prints them, and `-0`.
 * timestamp: `YYYY-MM-DDTHH:MM:SS.ffffffZ`. date: `YYYY-MM-DD`. time: `HH:MM:SS.ffffff`. json: JSON text. bytes: base64. boolean: `true` or `false`. `null` is the null of its kind.
 */
export interface Literal {
  readonly expr: "literal";
  readonly kind: ScalarKind;
  readonly value: string | null;
}

/** A call of a function. {@link ScalarFunction} defines each function. */
export interface Call {
  readonly expr: "call";
  readonly function: ScalarFunction;
  readonly arguments: readonly Expression[];
}

/** The value of the first branch whose condition is true, or else `otherwise`. */
export interface Conditional {
  readonly expr: "case";
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
  readonly otherwise: Expression;
}

/** A conversion. Values that cannot be converted are an error, never null. */
export interface Cast {
  readonly expr: "cast";
  readonly value: Expression;
  readonly to: {
    readonly kind: ScalarKind;
    readonly precision?: number | undefined;
    readonly scale?: number | undefined;
  };
}

/**
 * The functions an expression can call. A null argument gives null, with the exceptions below.
 *
 * Arithmetic: `add`, `subtract`, `multiply` (integers give int64 and fail on overflow), `divide` (float64), `modulo`;
 * a zero divisor gives null. `negate`, `absolute`, `floor`, `ceiling` keep the kind. `round` takes the digits as its second
 * argument and gives float64, as do `squareRoot` (null below zero), `naturalLogarithm` (null at or below zero), `exponential` and `power`.
 *
 * Comparison: NaN equals NaN and is greater than every number. Lists, vectors and structs are equal if their elements and fields are, where a null
 * inside equals a null; JSON is equal if its text is. None of these four has an order. `in`: the first argument among the others.
 * `isNull`, `isNotNull` and `isNaN` are never null.
 *
 * Boolean: `and`, `or`, `not` by three-valued logic.
 *
 * `coalesce`: the first argument that is not null. `nullIf`: null where both arguments are equal. `least` and `greatest` skip nulls.
 *
 * String: `length` counts Unicode code points. `matches` searches an RE2 regular expression. `substring` takes a start
 * (1 is the first character) and a length. `replace` replaces every occurrence.
 *
 * Time, in UTC: `truncate` takes a duration in microseconds as an int64 literal and rounds down to its multiples since the Unix epoch.
 * `addMicroseconds` shifts. `microsecondsBetween` is the second argument minus the first. `dayOfWeek` is ISO: Monday is 1, Sunday 7.
 *
 * Lists: `listLength` counts elements, nulls included. `listElement` takes a position, 0 being the first, and gives null outside of the list. `listContains`
 * is true if an element equals the second argument; a null element equals nothing.
 *
 * `vector` makes a vector of its arguments, in float64. Vectors of one length, computed in float64: `dotProduct`, `vectorNorm` (Euclidean), and `cosineSimilarity`, which is null where a norm is zero.
 *
 * `structField` takes the name of the field as a string literal.
 *
 * `jsonValue` takes JSON, the JSON Pointer (RFC 6901) of a value in it as a string literal, and a null of the kind that it gives, which is none of the nested
 * ones. A value that is missing or the null of JSON gives null; one of another kind, or a number that the kind does not hold exactly (float32 and float64
 * aside), is an error. Dates, timestamps and times are strings in ISO 8601, bytes strings in base64. If an object has a name twice, the first counts.
 *
 * `surrogateKey` is a string that identifies its arguments in their order, the same in every engine. `docs/surrogate-keys.md` defines it. Null is a
 * value like any other, so the result is never null. It does not take floats.
 */
export const scalarFunctions = [
  "add",
  "subtract",
  "multiply",
  "divide",
  "modulo",
  "negate",
  "absolute",
  "round",
  "floor",
  "ceiling",
  "squareRoot",
  "naturalLogarithm",
  "exponential",
  "power",
  "equal",
  "notEqual",
  "less",
  "lessOrEqual",
  "greater",
  "greaterOrEqual",
  "in",
  "isNull",
  "isNotNull",
  "isNaN",
  "and",
  "or",
  "not",
  "coalesce",
  "nullIf",
  "least",
  "greatest",
  "lower",
  "upper",
  "trim",
  "length",
  "concat",
  "contains",
  "startsWith",
  "endsWith",
  "matches",
  "replace",
  "substring",
  "truncate",
  "year",
  "month",
  "day",
  "hour",
  "minute",
  "second",
  "dayOfWeek",
  "dayOfYear",
  "addMicroseconds",
  "microsecondsBetween",
  "listLength",
  "listElement",
  "listContains",
  "vector",
  "dotProduct",
  "cosineSimilarity",
  "vectorNorm",
  "structField",
  "jsonValue",
  "surrogateKey",
] as const;

export type ScalarFunction = (typeof scalarFunctions)[number];

/**
 * A value computed from the rows of a group. Nulls of `input` are skipped; a group without values gives null, and 0 for the counts.
 *
 * `count` counts rows where it has no `input`. `sum` of integers is int64 and fails on overflow. `std` and `var` are of the sample
 * (n - 1) and null below two values. `median` and `quantile` interpolate between neighbors (type 7 of Hyndman and Fan 1996).
 * `first` and `last` take the `input` of the row with the least or greatest `by`; rows where either is null are skipped, and among equal `by` the
 * least (`first`) or greatest (`last`) `input` is taken, so that the answer does not depend on the order of rows. For this, lists, vectors and structs
 * are ordered by their first element or field that differs, a shorter list before a longer one, and a null inside is the greatest.
 *
 * `mean` of vectors is the float64 vector of the means of their numbers. `collect` is the list of the values in the order of `by` (`descending` turns it,
 * rows where `by` is null come last, and equal ones are ordered by value), cut after `limit`. `topK` is the list of the `limit` most frequent values, the most
 * frequent first, and `mode` the first of them; of equally frequent values, the least comes first. `histogram` is a list of how many
 * values lie in the bins that `edges` make: below the first, from each edge up to and without the next one, and from the last edge on, where NaN is; without
 * values all of them are 0. `approxCountDistinct` estimates `countDistinct` with a standard error of at most 15 percent, and gives the same answer for the
 * same values in any order.
 */
export interface AggregateCall {
  readonly function: AggregateFunction;
  readonly input?: Expression | undefined;
  /** `first` and `last` only: the value that orders the rows. */
  readonly by?: Expression | undefined;
  /** `quantile` only: from 0 to 1. */
  readonly quantile?: number | undefined;
  /** `collect` and `topK` only: the maximum number of values, 1 or more. If absent, `collect` keeps all values. */
  readonly limit?: number | undefined;
  /** `collect` only. */
  readonly descending?: boolean | undefined;
  /** `histogram` only: finite numbers, each greater than the one before. */
  readonly edges?: readonly number[] | undefined;
}

export const aggregateFunctions = [
  "count",
  "countDistinct",
  "sum",
  "mean",
  "min",
  "max",
  "std",
  "var",
  "median",
  "quantile",
  "first",
  "last",
  "any",
  "every",
  "collect",
  "topK",
  "mode",
  "histogram",
  "approxCountDistinct",
] as const;

export type AggregateFunction = (typeof aggregateFunctions)[number];
