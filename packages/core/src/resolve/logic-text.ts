import { planText, rollUpText, textLines } from "./plan-text.js";
import type { ResolvedFeature } from "./resolve-feature.js";

/** Formats how a feature is computed, for people: its plan, or the source text of its function. */
export function logicText({ computation }: ResolvedFeature): readonly string[] {
  if (computation.kind === "plan") return planText(computation.plan);
  const { input, run, version, rolling } = computation;
  return [
    ...planText(input),
    `function over batches${version === undefined ? "" : `, version ${version}`}`,
    ...textLines(run.toString()).map((line) => `  ${line}`),
    ...(rolling === undefined ? [] : rollUpText(rolling)),
  ];
}
