import type { BuildPlan, FeaturePlan, PlannedFeature, PlannedPeriods } from "@mlforge/core";
import { formatBytes, quantityOf } from "../../quantity.js";
import type { BuildFlags } from "../build/run.js";

/** Returns the cells of a table row: feature, now, next, change, why, reads. */
export function planCells(plan: FeaturePlan): readonly string[] {
  if (plan.action === "fail") return [plan.feature, "", "", "fail", plan.error.code, ""];
  const { feature, action, latest = "", next, change = "" } = plan;
  if (action === "skip") return [feature, latest, "", "none", shortWhy(plan), ""];
  const bytes = action === "build" ? toRead(plan) : "";
  return [feature, latest, next, action === "promote" ? "promote" : change, shortWhy(plan), bytes];
}

function toRead({ source: { files, queries, bytes }, periods }: PlannedFeature): string {
  const all = formatBytes(bytes);
  const read = periods?.bytes === undefined ? all : formatBytes(periods.bytes);
  const shown = files > 0 || queries === 0 ? [read === all ? all : `${read} of ${all}`] : [];
  return [...shown, ...(queries > 0 ? [queries === 1 ? "1 query" : `${queries} queries`] : [])].join(", ");
}

/** Returns the reason without its list of columns, which the details show. */
function shortWhy({ why, details, periods }: PlannedFeature): string {
  const short = details.length === 0 ? why : why.replace(`: ${details.join(", ")}`, () => "");
  const count = periods === undefined ? undefined : periodCount(periods);
  return count === undefined ? short : `${short}; ${count}`;
}

/** Formats `2 of 37 periods`. Returns undefined if the plan cannot know them. */
function periodCount({ computed, kept }: PlannedPeriods): string | undefined {
  return computed === undefined || kept === undefined ? undefined : `${computed.length} of ${quantityOf(computed.length + kept, "period")}`;
}

/** The maximum number of periods that a plan lists. */
const maxPeriods = 12;

/** Returns a line for each period that a build would compute, or why the plan cannot list them. Returns none for a first build. */
export function periodLines({ periods, latest }: PlannedFeature): readonly string[] {
  if (periods === undefined || latest === undefined) return [];
  if (periods.whole !== undefined)
    return [`${periods.kept === 0 ? "all periods are computed" : "the plan cannot list the periods"}: ${periods.whole}`];
  if (periods.computed === undefined) return [];
  const { computed, kept = 0 } = periods;
  const named = computed.slice(0, maxPeriods).map(({ period, why }) => `${period}: ${why}`);
  const more = computed.length > maxPeriods ? [`and ${computed.length - maxPeriods} more periods`] : [];
  return [...named, ...more, `${quantityOf(kept, "period")} kept`];
}

/** True if a feature has details to show below the table. */
export function hasDetails(plan: FeaturePlan): plan is PlannedFeature {
  if (plan.action === "fail") return false;
  if (periodLines(plan).length > 0) return true;
  if (plan.differences === undefined) return false;
  if (plan.action !== "skip") return true;
  const { tags, description, validators } = plan.differences;
  return tags !== undefined || description !== undefined || Object.values(validators).some(({ length }) => length > 0);
}

/** Returns notes about a feature in addition to its differences. */
export function planNotes({ action, differences, latest, source, reason, next }: PlannedFeature): readonly string[] {
  const notes: string[] = [];
  if (latest !== undefined && differences?.logic === undefined)
    notes.push(`${latest} was published without the text of its logic, so the logic cannot be compared`);
  if (source.changed === true && reason !== "data_refresh" && action === "build") notes.push("the source data changed too");
  if (action === "skip")
    notes.push(`the changes below are not part of a version, so ${next} stays as it is; the next version will record them`);
  return notes;
}

/** Counts the features by action. */
export function planCounts({ features }: BuildPlan): string {
  const count = (action: FeaturePlan["action"]): number => features.filter((each) => each.action === action).length;
  const promoted = count("promote") === 0 ? "" : `${count("promote")} to promote, `;
  return `${count("build")} to build, ${promoted}${count("skip")} unchanged, ${count("fail")} failed`;
}

/** Returns the text that replaces the command if there is nothing to run. */
export function withoutCommand({ features }: BuildPlan): string {
  return features.some(({ action }) => action === "fail") ? "fix the failed features and plan again" : "nothing to build";
}

/** Returns the command that carries out the plan, or undefined if there is nothing to do. */
export function commandFor({ features: planned }: BuildPlan, { features, tags, version, force }: BuildFlags): string | undefined {
  if (!planned.some(({ action }) => action === "build" || action === "promote")) return undefined;
  return [
    "mlforge build",
    ...(features === undefined ? [] : [`--features ${features.join(",")}`]),
    ...(tags === undefined ? [] : [`--tags ${tags.map(shellWord).join(",")}`]),
    ...(version === undefined ? [] : [`--version ${version}`]),
    ...(force === true ? ["--force"] : []),
  ].join(" ");
}

function shellWord(text: string): string {
  return /^[\w.:/@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
