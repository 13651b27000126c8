import type { RuleName } from "@mlforge/spec";
import { encodeConstant } from "./constant.js";
import { isGreaterConstant } from "./constant-order.js";
import { definitionInvalid } from "./definition-issues.js";
import type { Untyped } from "./expr.js";
import { type ConstantOf, type Typed, valueSymbol } from "./typed.js";
import { testSymbol, type Validator, type ValidatorOptions, type ValidatorTest } from "./validator.js";

/** A value that can be compared with a column of some kind. */
type Constant = ConstantOf[keyof ConstantOf];

/** Requires that the column has no nulls. All other rules pass nulls. */
export function notNull<const N extends string>(column: N, options?: ValidatorOptions): Validator<N, never> {
  return columnRule("notNull", column, [], (each) => each.isNotNull(), options);
}

/** Requires that all values of the column are different. Every row that shares its value with another row fails. */
export function unique<const N extends string>(column: N, options?: ValidatorOptions): Validator<N, never> {
  return validator("unique", column, `unique(${column})`, { kind: "unique" }, options);
}

/** Requires that every value is greater than `value`. NaN is greater than every number. */
export function greaterThan<const N extends string, V extends Constant>(
  column: N,
  value: V,
  options?: ValidatorOptions,
): Validator<N, Readonly<Record<N, V>>> {
  return columnRule("greaterThan", column, [value], (each) => each.gt(value), options);
}

/** Requires that every value is at least `value`. NaN is greater than every number. */
export function greaterThanOrEqual<const N extends string, V extends Constant>(
  column: N,
  value: V,
  options?: ValidatorOptions,
): Validator<N, Readonly<Record<N, V>>> {
  return columnRule("greaterThanOrEqual", column, [value], (each) => each.gte(value), options);
}

/** Requires that every value is less than `value`. NaN is greater than every number. */
export function lessThan<const N extends string, V extends Constant>(
  column: N,
  value: V,
  options?: ValidatorOptions,
): Validator<N, Readonly<Record<N, V>>> {
  return columnRule("lessThan", column, [value], (each) => each.lt(value), options);
}

/** Requires that every value is at most `value`. NaN is greater than every number. */
export function lessThanOrEqual<const N extends string, V extends Constant>(
  column: N,
  value: V,
  options?: ValidatorOptions,
): Validator<N, Readonly<Record<N, V>>> {
  return columnRule("lessThanOrEqual", column, [value], (each) => each.lte(value), options);
}

/** Requires that every value is from `min` to `max`, both included. */
export function inRange<const N extends string, V extends Constant, W extends Constant>(
  column: N,
  { min, max }: { readonly min: V; readonly max: W },
  options?: ValidatorOptions,
): Validator<N, Readonly<Record<N, V | W>>> {
  const between = (each: Untyped): unknown => {
    const typed: Typed = each;
    const { kind } = typed[valueSymbol].type;
    if (isGreaterConstant(encodeConstant(min, kind), encodeConstant(max, kind))) {
      throw definitionInvalid("min", `the min ${showConstant(min)} is above the max ${showConstant(max)}, so no value can pass; swap them`);
    }
    return each.between(min, max);
  };
  return columnRule("inRange", column, [min, max], between, options);
}

/** Requires that every value is one of `values`. At least one is required. */
export function isIn<const N extends string, V extends Constant>(
  column: N,
  values: readonly V[],
  options?: ValidatorOptions,
): Validator<N, Readonly<Record<N, V>>> {
  return columnRule("isIn", column, Array.isArray(values) ? values : [], (each) => each.in(values), options);
}

/** Requires that every string contains a match of an RE2 regular expression (https://github.com/google/re2/wiki/Syntax). Use `^` and `$` to match all of it. */
export function matchesRegex<const N extends string>(
  column: N,
  pattern: string | RegExp,
  options?: ValidatorOptions,
): Validator<N, Readonly<Record<N, string>>> {
  return columnRule("matchesRegex", column, [pattern], (each) => each.matches(pattern), options);
}

/**
 * Requires that a condition of the row is not false.
 *
 * Pass an expression over the row of `validators: (row) => [...]`, and TypeScript checks the columns. In a list, pass a function of the row; the
 * columns are then checked when the feature is defined.
 */
export function check(
  name: string,
  condition: Typed<"boolean"> | ((row: Untyped) => Typed<"boolean">),
  options?: Omit<ValidatorOptions, "name">,
): Validator<never, never> {
  const made = typeof condition === "function" ? condition : (): unknown => condition;
  return validator<never>("check", undefined, name, { kind: "condition", condition: made }, options);
}

/** Requires that the number of rows is at least `min` and at most `max`. One of them is required. */
export function rowCount(
  { min, max }: { readonly min?: number | undefined; readonly max?: number | undefined },
  options?: Omit<ValidatorOptions, "tolerate">,
): Validator<never, never> {
  const bounds = [...(min === undefined ? [] : [`min ${min}`]), ...(max === undefined ? [] : [`max ${max}`])];
  return validator<never>("rowCount", undefined, `rowCount(${bounds.join(", ")})`, { kind: "rowCount", min, max }, options);
}

function columnRule<N extends string>(
  rule: RuleName,
  column: N,
  constants: readonly unknown[],
  condition: (column: Untyped) => unknown,
  options?: ValidatorOptions,
): Validator<N, never> {
  const name = `${rule}(${[column, ...shortened(constants.map(showConstant))].join(", ")})`;
  return validator(rule, column, name, { kind: "condition", condition: (row) => condition(row[column]) }, options);
}

function validator<N extends string>(
  rule: RuleName,
  column: N | undefined,
  name: string,
  test: ValidatorTest,
  { severity = "error", tolerate = 0, name: given = name }: ValidatorOptions = {},
): Validator<N, never> {
  return { [testSymbol]: test, rule, name: given, column, severity, tolerate };
}

/** How many values a name shows at most. */
const mostShown = 5;

function shortened(texts: readonly string[]): readonly string[] {
  return texts.length <= mostShown ? texts : [...texts.slice(0, mostShown), `... ${texts.length} in total`];
}

function showConstant(constant: unknown): string {
  if (constant instanceof Date) return Number.isNaN(constant.getTime()) ? "an invalid Date" : constant.toISOString();
  return typeof constant === "string" ? JSON.stringify(constant) : String(constant);
}
