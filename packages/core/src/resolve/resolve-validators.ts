import { type Expression, findColumn, type RuleName, type RuleSeverity, type Schema } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import { type DefinitionIssues, definitionInvalid } from "../define/definition-issues.js";
import { rowOf } from "../define/row.js";
import { isTyped, valueSymbol } from "../define/typed.js";
import { isValidator, testSymbol, type Validator } from "../define/validator.js";

/** A validator over rows whose columns are known. */
export interface ResolvedValidator {
  readonly rule: RuleName;
  readonly name: string;
  readonly column: string | undefined;
  readonly severity: RuleSeverity;
  readonly tolerate: number;
  readonly test: ResolvedTest;
}

type ResolvedTest =
  /** A row fails where it is false; null passes. */
  | { readonly kind: "condition"; readonly condition: Expression }
  | { readonly kind: "unique"; readonly column: string }
  | { readonly kind: "rowCount"; readonly min: number; readonly max: number };

/** The validators of a feature over its rows. What is wrong with them is added to `issues`. */
export function resolveValidators(feature: AnyFeature, schema: Schema, issues: DefinitionIssues): readonly ResolvedValidator[] {
  const at = `${feature.name}.validators`;
  const given = issues.attempt(at, () => listOf(feature, schema)) ?? [];
  const names = new Set<string>();
  return given.flatMap((candidate, index) => {
    const resolved = issues.attempt(`${at}[${index}]`, () => resolveValidator(candidate, schema));
    if (resolved === undefined) return [];
    if (names.has(resolved.name))
      issues.add(`${at}[${index}]`, `two validators are named "${resolved.name}"; give one of them another name`);
    names.add(resolved.name);
    return [resolved];
  });
}

function listOf({ validators = [] }: AnyFeature, schema: Schema): readonly unknown[] {
  const given: unknown = typeof validators === "function" ? validators(rowOf(schema, "validators")) : validators;
  if (Array.isArray(given)) return given;
  throw definitionInvalid("list", 'validators are a list of rules, such as [notNull("delay")], or a function that gives one');
}

function resolveValidator(candidate: unknown, schema: Schema): ResolvedValidator {
  if (!isValidator(candidate))
    throw definitionInvalid("rule", "this is no validator; make it with notNull(...), check(...) and their like");
  const { rule, name, column, severity, tolerate } = candidate;
  if (typeof name !== "string" || name.trim() === "")
    throw definitionInvalid("name", "a validator needs a name, to be found in results by");
  if (severity !== "error" && severity !== "warn") {
    throw definitionInvalid("severity", `the severity is "error" or "warn", not ${JSON.stringify(severity)}`);
  }
  if (!(typeof tolerate === "number" && tolerate >= 0 && tolerate <= 1)) {
    throw definitionInvalid("tolerate", `a share of rows from 0 to 1 can be tolerated, not ${String(tolerate)}`);
  }
  return { rule, name, column, severity, tolerate, test: resolveTest(candidate, schema) };
}

function resolveTest({ [testSymbol]: test, name, column = "" }: Validator, schema: Schema): ResolvedTest {
  switch (test.kind) {
    case "condition":
      return { kind: "condition", condition: conditionOf(test.condition(rowOf(schema, "validators")), schema, name) };
    case "unique":
      return { kind: "unique", column: findColumn(column, schema, "the rows given to validators").name };
    case "rowCount":
      return { kind: "rowCount", ...checkBounds(test.min, test.max) };
  }
}

function conditionOf(value: unknown, schema: Schema, name: string): Expression {
  if (!isTyped(value)) throw definitionInvalid("condition", `"${name}" gives no expression; give a condition of the row`);
  const { expression, rows, type } = value[valueSymbol];
  if (type.kind !== "boolean") throw definitionInvalid("condition", `"${name}" needs a boolean condition, not a ${type.kind}`);
  if (rows !== undefined && rows !== schema) {
    throw definitionInvalid("condition", `"${name}" is an expression over other rows; use the columns of the row it is given`);
  }
  return expression;
}

function checkBounds(min = 0, max: number = Number.MAX_SAFE_INTEGER): { readonly min: number; readonly max: number } {
  if (min === 0 && max === Number.MAX_SAFE_INTEGER) throw definitionInvalid("bounds", "rowCount needs a min, a max or both");
  for (const bound of [min, max]) {
    if (!Number.isSafeInteger(bound) || bound < 0)
      throw definitionInvalid("bounds", `rowCount needs whole numbers of rows, not ${String(bound)}`);
  }
  if (min > max) throw definitionInvalid("bounds", `the min ${min} is above the max ${max}; no number of rows could pass`);
  return { min, max };
}
