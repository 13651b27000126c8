import { eachFeature, failuresOf, readConcurrency, type Settled } from "../compute/each-feature.js";
import { layersOf, withoutFailed } from "../compute/layers.js";
import type { AnyFeature } from "../define/any-feature.js";
import type { BuildContext } from "../sources/context.js";
import { KnownSources } from "../sources/known-sources.js";
import { type FeaturePlan, type PlannedFeature, planFeature } from "./plan-feature.js";
import type { BuildRequest } from "./request.js";

/** The plan of a build. Lists what the build would do, in the order of the features. */
export interface BuildPlan {
  readonly features: readonly FeaturePlan[];
}

/** Plans features. Records a failure and continues with the other features. An abort rejects with its reason. */
export async function planFeatures(
  features: readonly AnyFeature[],
  context: BuildContext,
  { signal, rehash, ...request }: Pick<BuildRequest, "version" | "force" | "rehash" | "signal">,
  onFeature?: (plan: FeaturePlan) => void,
): Promise<BuildPlan> {
  await using known = new KnownSources(context, { rehash });
  const settled: Settled<PlannedFeature>[] = [];
  const onSettled = (each: Settled<PlannedFeature>): void => {
    for (const plan of planOf(each)) onFeature?.(plan);
  };
  for (const layer of layersOf(features)) {
    const { ready, blocked } = withoutFailed(layer, failuresOf(settled));
    for (const each of blocked) onSettled(each);
    const planned = await eachFeature(ready, (feature, either) => planFeature(feature, context, request, known, either), {
      concurrency: readConcurrency,
      signal,
      onSettled,
    });
    settled.push(...blocked, ...planned);
  }
  const plans = new Map(settled.flatMap(planOf).map((plan) => [plan.feature, plan]));
  return { features: features.flatMap(({ name }) => plans.get(name) ?? []) };
}

/** Returns nothing for a cancelled feature: the abort rejects anyway. */
function planOf(settled: Settled<PlannedFeature>): readonly FeaturePlan[] {
  if (settled.kind === "done") return [settled.result];
  return settled.kind === "failed" ? [{ action: "fail", ...settled.result }] : [];
}
