import type { BuildContext, BuildRequest } from "../build/context.js";
import { eachFeature, type Settled } from "../build/each-feature.js";
import { KnownSources } from "../build/known-sources.js";
import { lookConcurrency } from "../build/look-at-feature.js";
import type { AnyFeature } from "../define/feature.js";
import { type FeaturePlan, type PlannedFeature, planFeature } from "./plan-feature.js";

/** What a build would do, in the order of the features. */
export interface BuildPlan {
  readonly features: readonly FeaturePlan[];
}

/** Plans features. A failure is recorded and the others go on; an abort rejects with its reason. */
export async function planFeatures(
  features: readonly AnyFeature[],
  context: BuildContext,
  { signal, ...request }: Pick<BuildRequest, "version" | "force" | "signal">,
  onFeature?: (plan: FeaturePlan) => void,
): Promise<BuildPlan> {
  await using known = new KnownSources(context);
  const settled = await eachFeature(features, (feature, either) => planFeature(feature, context, request, known, either), {
    concurrency: lookConcurrency,
    signal,
    onSettled: (each) => {
      for (const plan of planOf(each)) onFeature?.(plan);
    },
  });
  return { features: settled.flatMap(planOf) };
}

/** Nothing for what was cancelled by an abort, which rejects. */
function planOf(settled: Settled<PlannedFeature>): readonly FeaturePlan[] {
  if (settled.kind === "done") return [settled.result];
  return settled.kind === "failed" ? [{ action: "fail", ...settled.result }] : [];
}
