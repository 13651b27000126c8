import { MlforgeError, type RuleResult } from "@mlforge/spec";
import { showExamples } from "./example-row.js";

/** Throws if a rule of severity `error` failed. @throws VALIDATION_FAILED */
export function expectValid(feature: string, rules: readonly RuleResult[]): void {
  const broken = rules.filter(({ passed }) => !passed);
  const errors = broken.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return;
  const told = broken.map((result) => `${result.severity === "warn" ? "warning: " : ""}${explainRule(result)}`);
  throw new MlforgeError(
    "VALIDATION_FAILED",
    `feature "${feature}" breaks ${errors.length} of its ${rules.length} rules: ${told.join("; ")}; nothing was published. Correct the data or the transform, or set tolerate or severity: "warn" on the rule`,
    { feature, rules },
  );
}

/** Describes the result of a rule: its name, the number of failed rows, and some of them. */
export function explainRule({ name, rule, rows, failed, tolerated, examples }: RuleResult): string {
  if (failed === 0) return `${name}: all ${rows} rows pass`;
  if (rule === "rowCount") return `${name}: ${rows} rows, which is out of bounds by ${failed}`;
  const limit = tolerated === 0 ? "" : `, at most ${tolerated} tolerated`;
  return `${name}: ${failed} of ${rows} rows fail${limit}${examples.length === 0 ? "" : `, such as ${showExamples(examples)}`}`;
}
