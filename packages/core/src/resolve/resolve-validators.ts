import { type Expression, findColumn, type RuleName, type RuleSeverity, type Schema } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import { type DefinitionIssues, definitionInvalid } from "../define/definition-issues.js";
import { rowOf } from "../define/row.js";
import { isTyped, valueSymbol } from "../define/typed.js";
import { isValidator, testSymbol, type Validator } from "../define/validator.js";

/** A validator over rows with known columns. */
export interface ResolvedValidator {
  readonly rule: RuleName;
  readonly name: string;
  readonly column: string | undefined;
  readonly severity: RuleSeverity;
  readonly tolerate: number;
  readonly test: ResolvedTest;
}

type ResolvedTest =
  /** A row fails if the condition is false. Null passes. */
  | { readonly kind: "condition"; readonly condition: Expression }
  | { readonly kind: "unique"; readonly column: string }
  | { readonly kind: "rowCount"; readonly min: number; readonly max: number };

/** Resolves the validators of a feature against its rows. Adds the problems to `issues`. */
export function resolveValidators(feature: AnyFeature, schema: Schema, issues: DefinitionIssues): readonly ResolvedValidator[] {
  const at = `${feature.name}.validators`;
  const given = issues.collect(at, () => listOf(feature, schema)) ?? [];
  const names = new Set<string>();
  return given.flatMap((candidate, index) => {
    const resolved = issues.collect(`${at}[${index}]`, () => resolveValidator(candidate, schema));
    if (resolved === undefined) return [];
    if (names.has(resolved.name)) issues.add(`${at}[${index}]`, `two validators are named "${resolved.name}"; rename one of them`);
    names.add(resolved.name);
    return [resolved];
  });
}

function listOf({ validators = [] }: AnyFeature, schema: Schema): readonly unknown[] {
  const given: unknown = typeof validators === "function" ? validators(rowOf(schema, "validators")) : validators;
  if (Array.isArray(given)) return given;
  throw definitionInvalid("list", 'validators must be an array of rules, such as [notNull("delay")], or a function that returns one');
}

function resolveValidator(candidate: unknown, schema: Schema): ResolvedValidator {
  if (!isValidator(candidate)) throw definitionInvalid("rule", "expected a validator such as notNull(...) or check(...)");
  const { rule, name, column, severity, tolerate } = candidate;
  if (typeof name !== "string" || name.trim() === "")
    throw definitionInvalid("name", "a validator needs a name, which identifies it in results");
  if (severity !== "error" && severity !== "warn") {
    throw definitionInvalid("severity", `severity must be "error" or "warn", got ${JSON.stringify(severity)}`);
  }
  if (!(typeof tolerate === "number" && tolerate >= 0 && tolerate <= 1)) {
    throw definitionInvalid("tolerate", `tolerate must be a share of rows from 0 to 1, got ${String(tolerate)}`);
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
  if (!isTyped(value)) throw definitionInvalid("condition", `"${name}" needs an expression as its condition`);
  const { expression, rows, type } = value[valueSymbol];
  if (type.kind !== "boolean") throw definitionInvalid("condition", `"${name}" needs a boolean condition, got ${type.kind}`);
  if (rows !== undefined && rows !== schema) {
    throw definitionInvalid("condition", `"${name}" uses an expression over other rows; use the columns of the row it is given`);
  }
  return expression;
}

function checkBounds(min = 0, max: number = Number.MAX_SAFE_INTEGER): { readonly min: number; readonly max: number } {
  if (min === 0 && max === Number.MAX_SAFE_INTEGER) throw definitionInvalid("bounds", "rowCount needs a min, a max, or both");
  for (const bound of [min, max]) {
    if (!Number.isSafeInteger(bound) || bound < 0)
      throw definitionInvalid("bounds", `rowCount needs a non-negative integer, got ${String(bound)}`);
  }
  if (min > max) throw definitionInvalid("bounds", `the min ${min} is above the max ${max}, so no number of rows can pass; swap them`);
  return { min, max };
}
