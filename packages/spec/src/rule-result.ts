import type { ExampleRow } from "./errors.js";

/** The rules that a validator can check. */
export type RuleName =
  | "notNull"
  | "unique"
  | "greaterThan"
  | "greaterThanOrEqual"
  | "lessThan"
  | "lessThanOrEqual"
  | "inRange"
  | "isIn"
  | "matchesRegex"
  | "check"
  | "rowCount";

/** Decides what happens if a rule fails: `error` stops the build, `warn` only reports it. */
export type RuleSeverity = "error" | "warn";

/** The result of one rule of a feature. */
export interface RuleResult {
  readonly name: string;
  readonly rule: RuleName;
  /** Undefined if the rule concerns whole rows or the number of rows. */
  readonly column?: string | undefined;
  readonly severity: RuleSeverity;
  /** The number of rows. */
  readonly rows: number;
  /** The number of rows that break the rule. For `rowCount`, the number of missing or excess rows. */
  readonly failed: number;
  /** The number of rows that may break the rule. */
  readonly tolerated: number;
  readonly passed: boolean;
  /** If the rule failed, some of the rows that break it: keys, timestamp, and the columns of the rule. */
  readonly examples: readonly ExampleRow[];
}
