import type { Columns, RuleName, RuleSeverity } from "@mlforge/spec";
import type { RowExprs, Untyped } from "./expr.js";
import type { ConstantOf } from "./typed.js";

/** Where a validator keeps its test. Registered, so that two installed copies of this package know each other's. */
export const testSymbol: unique symbol = Symbol.for("mlforge.validator.v1");

declare const comparedWith: unique symbol;

/** A rule for the rows of a feature. `N` is the column it is about, `V` the constants it compares it with. */
export interface Validator<N extends string = string, V = unknown> {
  readonly [testSymbol]: ValidatorTest;
  /** Carries the type only. */
  readonly [comparedWith]?: V;
  readonly rule: RuleName;
  /** How results call it. Unique among the validators of a feature. */
  readonly name: string;
  /** Undefined where it is about whole rows, or about all of them. */
  readonly column: N | undefined;
  readonly severity: RuleSeverity;
  /** The share of rows, from 0 to 1, that may fail. */
  readonly tolerate: number;
}

/** What a validator tests, before the columns of the rows are known. */
export type ValidatorTest =
  | { readonly kind: "condition"; readonly condition: (row: Untyped) => unknown }
  | { readonly kind: "unique" }
  | { readonly kind: "rowCount"; readonly min: number | undefined; readonly max: number | undefined };

/** The validators that rows with the columns `C` can have: their columns, compared with constants of their kinds. */
export type ValidatorFor<C extends Columns> = { [A in keyof C & string]: Validator<A, ConstantOf[C[A]["kind"]]> }[keyof C & string];

/** A list of validators, or a function that makes one for the row it is given. */
export type Validators<C extends Columns = Columns> = readonly ValidatorFor<C>[] | ((row: RowExprs<C>) => readonly ValidatorFor<C>[]);

export interface ValidatorOptions {
  /** Whether a failure stops the build, or is only told. `error` unless told. */
  readonly severity?: RuleSeverity | undefined;
  /** The share of all rows, from 0 to 1, that may fail. 0 unless told. */
  readonly tolerate?: number | undefined;
  /** How results call it; made of the rule and its column unless told. Needed where a feature has the same rule twice. */
  readonly name?: string | undefined;
}

export function isValidator(candidate: unknown): candidate is Validator {
  return typeof candidate === "object" && candidate !== null && testSymbol in candidate;
}
