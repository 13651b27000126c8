import pMap from "p-map";
import type { BuildContext, BuildRequest } from "../build/context.js";
import { failedFeature } from "../build/failed-feature.js";
import { SourceHashes } from "../build/source-hashes.js";
import type { AnyFeature } from "../define/feature.js";
import { type FeaturePlan, planFeature } from "./plan-feature.js";

/** What a build would do, in the order of the features. */
export interface BuildPlan {
  readonly features: readonly FeaturePlan[];
}

/** Features planned at once: that is waiting for the store and for files. */
const concurrency = 16;

/** Plans features. A failure is recorded and the others go on; an abort rejects with its reason. */
export async function planFeatures(
  features: readonly AnyFeature[],
  context: BuildContext,
  request: Pick<BuildRequest, "version" | "force" | "signal">,
  onFeature?: (plan: FeaturePlan) => void,
): Promise<BuildPlan> {
  const hashes = new SourceHashes();
  const { signal } = request;
  const plans = await pMap(
    features,
    async (feature) => {
      const plan = await planOrFailure(feature, context, request, hashes);
      onFeature?.(plan);
      return plan;
    },
    { concurrency, ...(signal === undefined ? {} : { signal }) },
  );
  return { features: plans };
}

async function planOrFailure(
  feature: AnyFeature,
  context: BuildContext,
  request: Pick<BuildRequest, "version" | "force" | "signal">,
  hashes: SourceHashes,
): Promise<FeaturePlan> {
  try {
    return await planFeature(feature, context, request, hashes);
  } catch (error) {
    request.signal?.throwIfAborted();
    return { action: "fail", ...failedFeature(feature.name, error) };
  }
}
