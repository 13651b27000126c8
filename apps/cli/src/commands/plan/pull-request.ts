import type { BuildPlan, FeaturePlan, PlannedFeature, UnplannedFeature } from "@mlforge/core";
import { configurationLines, type DifferenceLine, logicLines, schemaLines } from "../../differences-lines.js";
import { timeNotes } from "../../time-notes.js";
import type { BuildFlags } from "../build/run.js";
import { codeBlock, inertText, inlineCode, markdownTable } from "./markdown.js";
import { commandFor, hasDetails, periodLines, planCells, planCounts, planNotes, withoutCommand } from "./summary.js";

/** Formats a plan as a pull request comment. Formats everything from definitions and data as code, so that none of it is markup. */
export function planMarkdown(plan: BuildPlan, flags: BuildFlags): string {
  const table = markdownTable(["feature", "now", "next", "change", "why", "reads"], plan.features.map(cellsOf));
  const details = plan.features.flatMap((each) => {
    if (each.action === "fail") return [failureDetails(each)];
    return hasDetails(each) ? changeDetails(each) : [];
  });
  const command = commandFor(plan, flags);
  const next = command === undefined ? withoutCommand(plan) : `to apply: ${inlineCode(command)}`;
  return ["### mlforge plan", table, `${planCounts(plan)}; ${next}`, ...details].join("\n\n");
}

function cellsOf(plan: FeaturePlan): readonly string[] {
  const [feature = "", now = "", next = "", change = "", why = "", bytes = ""] = planCells(plan);
  const loud = change === "major" || change === "fail" ? `**${change}**` : change;
  return [inlineCode(feature, "cell"), now, next, loud, inertText(why, "cell"), bytes];
}

function failureDetails({ feature, error: { code, message } }: UnplannedFeature): string {
  return folded(`${feature}: cannot be planned`, [codeBlock(`${code}: ${message}`.split("\n"))]);
}

function changeDetails(plan: PlannedFeature): readonly string[] {
  const { feature, latest, next, action, differences } = plan;
  const numbers = action === "skip" || latest === undefined ? next : `${latest} to ${next}`;
  const parts =
    differences === undefined
      ? []
      : [schemaLines(differences), latest === undefined ? [] : logicLines(differences), configurationLines(differences)];
  const times = [...timeNotes(plan), ...periodLines(plan)];
  const blocks = [
    ...(times.length === 0 ? [] : [codeBlock(times)]),
    ...parts.filter((lines) => lines.length > 0).map((lines) => codeBlock(lines.map(diffLine), "diff")),
  ];
  const notes = planNotes(plan);
  if (notes.length + blocks.length === 0) return [];
  return [folded(`${feature} ${numbers}`, [...(notes.length === 0 ? [] : [notes.join("; ")]), ...blocks])];
}

/** Folds parts below a summary, which must be safe as HTML. The blank lines make the parts Markdown again. */
function folded(summary: string, parts: readonly string[]): string {
  return [`<details><summary>${summary}</summary>`, ...parts, "</details>"].join("\n\n");
}

const signs = { added: "+", removed: "-", changed: "!", same: " " } as const;

function diffLine({ kind, text }: DifferenceLine): string {
  return `${signs[kind]} ${text}`;
}
