import { MlforgeError, type RuleResult } from "@mlforge/spec";
import { showExamples } from "./example-row.js";

/** @throws VALIDATION_FAILED if a rule that must be kept was broken. */
export function expectValid(feature: string, rules: readonly RuleResult[]): void {
  const broken = rules.filter(({ passed }) => !passed);
  const errors = broken.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return;
  const told = broken.map((result) => `${result.severity === "warn" ? "warning: " : ""}${explainRule(result)}`);
  throw new MlforgeError(
    "VALIDATION_FAILED",
    `feature "${feature}" breaks ${errors.length} of its ${rules.length} rules: ${told.join("; ")}; correct the data or the transform, or let a rule tolerate a share of rows or warn; nothing was published`,
    { feature, rules },
  );
}

/** What became of a rule, for people: its name, how many rows fail, and some of them. */
export function explainRule({ name, rule, rows, failed, tolerated, examples }: RuleResult): string {
  if (failed === 0) return `${name}: all ${rows} rows pass`;
  if (rule === "rowCount") return `${name}: ${rows} rows, which misses the bounds by ${failed}`;
  const limit = tolerated === 0 ? "" : ` and ${tolerated} may`;
  return `${name}: ${failed} of ${rows} rows fail${limit}${examples.length === 0 ? "" : `, such as ${showExamples(examples)}`}`;
}
