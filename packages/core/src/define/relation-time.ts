import type { Columns } from "@mlforge/spec";
import type { JoinColumns, JoinOn } from "./join.js";

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

/** Extra requirements for the options of an as-of join. If they are not met, the type is a sentence that says why. */
export type AsOfChecks<C extends Columns, T extends Time, D extends Columns, U extends Time, O extends JoinOn<C, D>> = TimeOrColumn<
  "left",
  C,
  T
> &
  TimeOrColumn<"right", D, U> &
  NoClash<C, D, O>;

type TimeOrColumn<S extends "left" | "right", C extends Columns, T extends Time> = [T] extends [undefined]
  ?
      | { readonly timestamps: { readonly [A in S]: keyof C & string } }
      | `the ${S} side has no timestamp; declare one in its source, or name the column in timestamps`
  : unknown;

type NoClash<C extends Columns, D extends Columns, O extends JoinOn<C, D>> = string extends keyof C | keyof D
  ? unknown
  : [Clash<C, D, O>] extends [never]
    ? unknown
    : `both sides have a column "${Clash<C, D, O>}"; select the columns you need from the right side, and rename this one`;

type Clash<C extends Columns, D extends Columns, O extends JoinOn<C, D>> = Extract<
  Extract<keyof C, keyof JoinColumns<Record<never, never>, D, O, "left">>,
  string
>;
