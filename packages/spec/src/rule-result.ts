import type { ExampleRow } from "./errors.js";

/** What a validator can ask of the rows of a feature. */
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

/** Whether a rule that fails stops what is done, or is only told. */
export type RuleSeverity = "error" | "warn";

/** What became of one rule of a feature. */
export interface RuleResult {
  readonly name: string;
  readonly rule: RuleName;
  /** Undefined where it is about whole rows, or about all of them. */
  readonly column?: string | undefined;
  readonly severity: RuleSeverity;
  /** How many rows there are. */
  readonly rows: number;
  /** How many of them fail; for `rowCount`, how many there are too few or too many. */
  readonly failed: number;
  /** How many may fail. */
  readonly tolerated: number;
  readonly passed: boolean;
  /** A few of the rows that fail, where it did not pass: keys, timestamp, and what the rule reads. */
  readonly examples: readonly ExampleRow[];
}
