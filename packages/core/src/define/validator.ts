import type { Columns, RuleName, RuleSeverity } from "@mlforge/spec";
import type { RowExprs, Untyped } from "./expr.js";
import type { ConstantOf } from "./typed.js";

/** The property that holds the test of a validator. Registered, so that two installed copies of this package recognize each other's. */
export const testSymbol: unique symbol = Symbol.for("mlforge.validator.v1");

declare const comparedWith: unique symbol;

/** A rule for the rows of a feature. `N` is the column it checks, and `V` the constants it compares the column with. */
export interface Validator<N extends string = string, V = unknown> {
  readonly [testSymbol]: ValidatorTest;
  /** Exists only in the type. */
  readonly [comparedWith]?: V;
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

/** The validators for rows with the columns `C`, which compare columns with constants of their kinds. */
export type ValidatorFor<C extends Columns> = { [A in keyof C & string]: Validator<A, ConstantOf[C[A]["kind"]]> }[keyof C & string];

/** A list of validators, or a function of the row that returns one. */
export type Validators<C extends Columns = Columns> = readonly ValidatorFor<C>[] | ((row: RowExprs<C>) => readonly ValidatorFor<C>[]);

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
