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
