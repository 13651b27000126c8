import type { Columns } from "@mlforge/spec";
import type { JoinColumns, JoinOn } from "./join.js";
import type { Listed, MlforgeTypeError } from "./type-error.js";

/** The timestamp of a relation: a column, or undefined for none. The union of both means that it is known only at run time. */
export type Time = string | undefined;

/** The timestamp after `derive`. If the column is replaced, the result depends on the expression. */
export type TimeOfDerive<T extends Time, R> = T extends keyof R ? Time : T;

/** The timestamp after `select`, by its new name. */
export type TimeOfSelect<T extends Time, S extends readonly unknown[]> = string extends T
  ? Time
  : T extends string
    ? T extends S[number]
      ? T
      : RenamedTo<T, S[number]>
    : undefined;

type RenamedTo<T, S> = [Renamed<T, S>] extends [never] ? undefined : Extract<Renamed<T, S>, string>;
type Renamed<T, S> = S extends object ? { readonly [A in keyof S]: S[A] extends T ? A : never }[keyof S] : never;

/** The timestamp of groups. Another key can replace it. */
export type TimeOfGroups<T extends Time, K> = [T] extends [undefined] ? undefined : [T] extends [K] ? T : Time;

/** The timestamp of joined rows: the one of the left side, if any. */
export type TimeOfJoin<T extends Time, U extends Time> = [T] extends [undefined] ? ([U] extends [undefined] ? undefined : Time) : T;

/** Checks that both sides of an as-of join have a time, the timestamp or the named column, and no other columns of the same name. */
export type AsOfChecks<C extends Columns, T extends Time, D extends Columns, U extends Time, O extends JoinOn<C, D>> = [T] extends [
  undefined,
]
  ? MlforgeTypeError<NoTime<"left">>
  : [U] extends [undefined]
    ? MlforgeTypeError<NoTime<"right">>
    : string extends keyof C | keyof D
      ? unknown
      : [Clash<C, D, O>] extends [never]
        ? unknown
        : MlforgeTypeError<`both sides have the column ${Listed<Clash<C, D, O>>}; select the columns you need from the other side, and rename`>;

type NoTime<S extends "left" | "right"> =
  `the ${S} side has no timestamp; declare one in its source, or name the column: timestamps: { ${S}: 'at' }`;

type Clash<C extends Columns, D extends Columns, O extends JoinOn<C, D>> = Extract<
  Extract<keyof C, keyof JoinColumns<Record<never, never>, D, O, "left">>,
  string
>;
