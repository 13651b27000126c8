import { planText, rollUpText, textLines } from "./plan-text.js";
import type { ResolvedFeature } from "./resolve-feature.js";

/** Formats how a feature is computed, for people: its plan, or the source text of its function. */
export function logicText({ computation, volatile }: ResolvedFeature): readonly string[] {
  if (computation.kind === "plan") return planText(computation.plan);
  const { input, run, version, rolling } = computation;
  const details = [...(version === undefined ? [] : [`version ${version}`]), ...(volatile ? ["volatile"] : [])];
  return [
    ...planText(input),
    ["function over batches", ...details].join(", "),
    ...textLines(run.toString()).map((line) => `  ${line}`),
    ...(rolling === undefined ? [] : rollUpText(rolling)),
  ];
}
