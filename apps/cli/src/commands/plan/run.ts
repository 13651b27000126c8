import type { BuildPlan, FeaturePlan, PlannedPeriods } from "@mlforge/core";
import { MlforgeError } from "@mlforge/spec";
import { differencesDocument } from "../../differences-document.js";
import { errorLine } from "../../report-error.js";
import type { CommandContext } from "../../run-command.js";
import type { BuildFlags } from "../build/run.js";
import { planMarkdown } from "./pull-request.js";
import { planText } from "./text.js";

export interface PlanFlags extends Pick<BuildFlags, "features" | "tags" | "version" | "force" | "rehash"> {
  readonly check?: boolean | undefined;
  readonly markdown?: boolean | undefined;
}

/** Shows what a build would do. Returns 3 for a major change with `--check`, and 1 if a feature cannot be planned. */
export async function plan({ definitions, console, signal }: CommandContext, flags: PlanFlags): Promise<0 | 1 | 3> {
  const { check = false, markdown = false, ...options } = flags;
  if (markdown && console.json)
    throw new MlforgeError("USAGE_INVALID", "--markdown and --json exclude each other; pass one of them", { argument: "--markdown" });
  const total = definitions.select(options).length;
  let planned = 0;
  const result = await definitions.plan({
    ...options,
    signal,
    onFeature: ({ feature }) => {
      planned++;
      console.live(`${planned} of ${total}: ${feature}`);
    },
  });
  console.live("");
  for (const each of result.features) if (each.action === "fail") console.note(errorLine(each.error, console, each.feature));
  console.print({
    document: toDocument(result),
    text: () => (markdown ? planMarkdown(result, options) : planText(result, options, console)),
  });
  const major = result.features.filter((each) => each.action !== "fail" && each.change === "major");
  if (check && major.length > 0) {
    console.note(
      `${console.colors.red("major:")} ${major.map(({ feature }) => feature).join(", ")}; code that reads ${major.length === 1 ? "it" : "them"} may break`,
    );
    return 3;
  }
  return result.features.some(({ action }) => action === "fail") ? 1 : 0;
}

function toDocument({ features }: BuildPlan): object {
  return { features: features.map(featureDocument) };
}

function featureDocument(plan: FeaturePlan): object {
  const { feature, action } = plan;
  if (action === "fail") return { feature, action, error: { code: plan.error.code, message: plan.error.message } };
  const { latest, next, change, reason, details, why, differences, source, periods, held, becomesLatest, timeless, volatile, notices } =
    plan;
  return {
    feature,
    action,
    now: latest ?? null,
    next,
    change: change ?? null,
    reason: reason ?? null,
    details,
    why,
    differences: differences === undefined ? null : differencesDocument(differences),
    source: { changed: source.changed ?? null, files: source.files, queries: source.queries, bytes: source.bytes },
    periods: periods === undefined ? null : periodsDocument(periods),
    held,
    latest: becomesLatest ?? null,
    timeless,
    volatile,
    notices,
  };
}

function periodsDocument({ partition, computed, kept, bytes, whole }: PlannedPeriods): object {
  return { partition, computed: computed ?? null, kept: kept ?? null, bytes: bytes ?? null, whole: whole ?? null };
}
