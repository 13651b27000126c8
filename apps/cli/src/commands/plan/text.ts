import type { BuildPlan, PlannedFeature } from "@mlforge/core";
import type { Colors, Console } from "../../console.js";
import { changeColor, differencesText } from "../../differences-text.js";
import { renderTable } from "../../table.js";
import { timeNotes } from "../../time-notes.js";
import type { BuildFlags } from "../build/run.js";
import { commandFor, hasDetails, periodLines, planCells, planCounts, planNotes, withoutCommand } from "./summary.js";

/** Formats a plan for a terminal: a row for each feature, the details of each change, and the command to run. */
export function planText(plan: BuildPlan, flags: BuildFlags, { resultColors: colors, width }: Console): string {
  const table = renderTable(
    [
      { title: "FEATURE" },
      { title: "NOW" },
      { title: "NEXT" },
      { title: "CHANGE", style: changeColor(colors) },
      { title: "WHY", wrap: true },
      { title: "READS", align: "right" },
    ],
    plan.features.map(planCells),
    width,
  );
  const details = plan.features.filter(hasDetails).map((each) => detailsText(each, colors));
  const command = commandFor(plan, flags);
  const summary = `${planCounts(plan)}; ${command === undefined ? withoutCommand(plan) : `to apply: ${command}`}`;
  return [table, ...details, summary].filter((part) => part !== "").join("\n\n");
}

/** Formats the details of a feature. Empty if the table row says everything. */
function detailsText(plan: PlannedFeature, colors: Colors): string {
  const { feature, latest, next, action, differences } = plan;
  const numbers = action === "skip" || latest === undefined ? next : `${latest} to ${next}`;
  // Omits the logic of a first build, where every line would be an addition.
  const changes = differences === undefined ? "" : differencesText(differences, colors, { logic: latest !== undefined });
  const details = [...[...planNotes(plan), ...timeNotes(plan), ...periodLines(plan)].map((note) => `  ${note}`), changes].filter(
    (part) => part !== "",
  );
  return details.length === 0 ? "" : [`${colors.bold(feature)} ${numbers}`, ...details].join("\n");
}
