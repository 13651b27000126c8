import { planText, rollUpText, textLines } from "./plan-text.js";
import type { ResolvedFeature } from "./resolve-feature.js";

/** How a feature is computed, as people read it: its plan, or the text of its function. */
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
