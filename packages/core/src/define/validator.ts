import type { Columns, RuleName, RuleSeverity } from "@mlforge/spec";
import type { RowExprs, Untyped } from "./expr.js";
import type { MlforgeTypeError, NoColumn } from "./type-error.js";
import type { ConstantOf } from "./typed.js";

/** The property that holds the test of a validator. Registered, so that two installed copies of this package recognize each other's. */
export const testSymbol: unique symbol = Symbol.for("mlforge.validator.v1");

declare const comparedWith: unique symbol;

/** A rule for the rows of a feature. `N` is the column it checks, and `V` the constants it compares with, by column. */
export interface Validator<N extends string = string, V = unknown> {
  readonly [testSymbol]: ValidatorTest;
  /** Exists only in the type. */
  readonly [comparedWith]?: V | undefined;
  readonly rule: RuleName;
  /** The name in results. Unique among the validators of a feature. */
  readonly name: string;
  /** Undefined if it checks whole rows or the number of rows. */
  readonly column: N | undefined;
  readonly severity: RuleSeverity;
  /** The share of rows, from 0 to 1, that can fail. */
  readonly tolerate: number;
}

/** The test of a validator, before the columns of the rows are known. */
export type ValidatorTest =
  | { readonly kind: "condition"; readonly condition: (row: Untyped) => unknown }
  | { readonly kind: "unique" }
  | { readonly kind: "rowCount"; readonly min: number | undefined; readonly max: number | undefined };

/** A validator for rows with the columns `C`, which compares columns with constants of their kinds. */
export type ValidatorFor<C extends Columns> = Validator<
  keyof C & string,
  { readonly [A in keyof C]?: ConstantOf[C[A]["kind"]] | undefined }
>;

/** A list of validators, or a function of the row that returns one. */
export type Validators<C extends Columns = Columns> = readonly ValidatorFor<C>[] | ((row: RowExprs<C>) => readonly ValidatorFor<C>[]);

/** Checks that validators of the columns `N` are for rows with the columns `C`. TypeScript infers `N` from {@link ValidatorsOf}. */
export type CheckedValidators<N extends string, C extends Columns> =
  HasAll<C, N> extends true ? unknown : MlforgeTypeError<NoColumn<Exclude<N, keyof C>, keyof C>>;

/** {@link Validators} of the columns `N`. Nothing if `C` lacks one of them, so that the compiler prints little but the sentence. */
export type ValidatorsOf<N extends string, C extends Columns> = ListOf<N, C> | ((row: RowExprs<C>) => ListOf<N, C>);

type ListOf<N extends string, C extends Columns> =
  IsTyping<N> extends true
    ? readonly ValidatorFor<C>[]
    : HasAll<C, N> extends true
      ? readonly Validator<N, { readonly [A in Extract<keyof C, N>]?: ConstantOf[C[A]["kind"]] | undefined }>[]
      : never;

type HasAll<C extends Columns, N extends string> = IsTyping<N> extends true ? true : [Exclude<N, keyof C>] extends [never] ? true : false;

/** True if the names are not known yet. An editor sees an empty name while the user types it, and then offers those of {@link ValidatorFor}. */
type IsTyping<N extends string> = "" extends N ? true : false;

export interface ValidatorOptions {
  /** The effect of a failure: `error` stops the build, `warn` is only reported. Defaults to `error`. */
  readonly severity?: RuleSeverity | undefined;
  /** The share of all rows, from 0 to 1, that can fail. Defaults to 0. */
  readonly tolerate?: number | undefined;
  /** The name in results. Defaults to the rule and its column. Required if a feature has the same rule twice. */
  readonly name?: string | undefined;
}

export function isValidator(candidate: unknown): candidate is Validator {
  return typeof candidate === "object" && candidate !== null && testSymbol in candidate;
}
