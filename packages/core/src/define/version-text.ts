import type { MlforgeTypeError, Quoted } from "./type-error.js";

/** Checks the text of a version: `latest`, a number, or a range such as `^1.0`. Texts that are not known before they run pass. */
export type CheckedVersion<V> = V extends string
  ? string extends V
    ? unknown
    : V extends "latest"
      ? unknown
      : [IsRange<V>] extends [true]
        ? unknown
        : MlforgeTypeError<`${Quoted<V>} is not a version; use latest, a number such as 1.0.2, or a range such as ^1.0`>
  : unknown;

/** Checks the text of one version: three numbers of at most nine digits. Texts that are not known before they run pass. */
export type CheckedNumber<V> = V extends string
  ? string extends V
    ? unknown
    : V extends `${infer Major}.${infer Minor}.${infer Patch}`
      ? [IsNumber<Major>, IsNumber<Minor>, IsNumber<Patch>] extends [true, true, true]
        ? unknown
        : MlforgeTypeError<NoNumber<V>>
      : MlforgeTypeError<NoNumber<V>>
  : unknown;

type NoNumber<V> = `${Quoted<V>} is not a version; write three numbers, for example 2.0.0`;

/** True for an integer from 0 to 999999999. A bigint has no leading zeros. */
type IsNumber<S extends string> = S extends `${bigint}` ? (S extends `-${string}` | TenDigits<S> ? false : true) : false;

type TenDigits<S> =
  S extends `${infer _1}${infer _2}${infer _3}${infer _4}${infer _5}${infer _6}${infer _7}${infer _8}${infer _9}${infer Rest}`
    ? Rest extends ""
      ? never
      : S
    : never;

/** True if the text has only what ranges consist of, and a digit. */
type IsRange<V extends string, HasDigit extends boolean = false> = V extends `${infer First}${infer Rest}`
  ? First extends Digit
    ? IsRange<Rest, true>
    : First extends "." | "^" | "~" | "<" | ">" | "=" | "|" | "-" | "x" | "X" | "*" | "v" | " "
      ? IsRange<Rest, HasDigit>
      : false
  : V extends ""
    ? HasDigit
    : true;

type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";
