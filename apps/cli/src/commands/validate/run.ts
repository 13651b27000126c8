import type { ValidatedFeature, ValidationReport } from "@mlforge/core";
import type { RuleResult } from "@mlforge/spec";
import type { Console } from "../../console.js";
import { openProgress } from "../../progress.js";
import { formatCount, formatSeconds } from "../../quantity.js";
import type { CommandContext } from "../../run-command.js";
import { renderTable } from "../../table.js";

export interface ValidateFlags {
  readonly features?: readonly string[] | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** Computes features and runs their validators. Publishes nothing. */
export async function validate({ definitions, console, signal }: CommandContext, flags: ValidateFlags): Promise<0 | 1> {
  const started = performance.now();
  const { step, finish } = openProgress(console, definitions.select(flags).length);
  const report = await definitions.validate({ ...flags, signal, onProgress: step, onFeature: finish });
  console.print({
    document: toDocument(report),
    text: () => toText(report, performance.now() - started, console),
  });
  return report.failed.length === 0 && report.validated.every(({ passed }) => passed) ? 0 : 1;
}

function toDocument({ validated, failed }: ValidationReport): object {
  return {
    validated,
    failed: failed.map(({ feature, error: { code, message } }) => ({ feature, error: { code, message } })),
  };
}

/** Formats a row for each rule and a summary. The failing rows go to stderr. */
function toText({ validated, failed }: ValidationReport, milliseconds: number, { width }: Console): string {
  const rows = [...validated.flatMap(featureRows), ...failed.map(({ feature, error }) => [feature, "", "", "", "", "", error.code])];
  const table = renderTable(
    [
      { title: "FEATURE" },
      { title: "RULE" },
      { title: "SEVERITY" },
      { title: "ROWS", align: "right" },
      { title: "FAILED", align: "right" },
      { title: "ALLOWED", align: "right" },
      { title: "RESULT" },
    ],
    rows,
    width,
  );
  const rules = validated.flatMap((feature) => feature.rules);
  const count = (result: string): number => rules.filter((rule) => resultOf(rule) === result).length;
  const told = `${count("passed")} rules passed, ${count("warning")} warned, ${count("failed")} failed`;
  const broken = failed.length === 0 ? "" : `, ${failed.length} features not computed`;
  return `${table}\n\n${told}${broken} in ${formatSeconds(milliseconds)}`;
}

function featureRows({ feature, rows, rules }: ValidatedFeature): string[][] {
  if (rules.length === 0) return [[feature, "no validators", "", formatCount(rows), "", "", ""]];
  return rules.map((rule) => [
    feature,
    rule.name,
    rule.severity,
    formatCount(rule.rows),
    formatCount(rule.failed),
    formatCount(rule.tolerated),
    resultOf(rule),
  ]);
}

function resultOf({ passed, severity }: RuleResult): "passed" | "warning" | "failed" {
  if (passed) return "passed";
  return severity === "warn" ? "warning" : "failed";
}
