import type { AnyFeature } from "../define/feature.js";
import { buildFeature, type FeatureOutcome } from "./build-feature.js";
import type { BuildContext, BuildRequest, BuiltFeature, SkippedFeature } from "./context.js";
import { type FailedFeature, failedFeature } from "./failed-feature.js";
import { SourceHashes } from "./source-hashes.js";

/** What became of each feature of a build. */
export interface BuildResult {
  readonly built: readonly BuiltFeature[];
  readonly skipped: readonly SkippedFeature[];
  readonly failed: readonly FailedFeature[];
}

export type BuildEvent = FeatureOutcome | { readonly kind: "failed"; readonly result: FailedFeature };

/** Builds features one after another. A failure is recorded and the next feature goes on; an abort ends the build. */
export async function buildFeatures(
  features: readonly AnyFeature[],
  context: BuildContext,
  request: BuildRequest,
  onFeature?: (event: BuildEvent) => void,
): Promise<BuildResult> {
  const built: BuiltFeature[] = [];
  const skipped: SkippedFeature[] = [];
  const failed: FailedFeature[] = [];
  const hashes = new SourceHashes();
  for (const feature of features) {
    const event = await settle(feature, context, request, hashes);
    if (event.kind === "built") built.push(event.result);
    else if (event.kind === "skipped") skipped.push(event.result);
    else failed.push(event.result);
    onFeature?.(event);
  }
  return { built, skipped, failed };
}

async function settle(feature: AnyFeature, context: BuildContext, request: BuildRequest, hashes: SourceHashes): Promise<BuildEvent> {
  request.signal?.throwIfAborted();
  try {
    return await buildFeature(feature, context, request, hashes);
  } catch (error) {
    request.signal?.throwIfAborted();
    return { kind: "failed", result: failedFeature(feature.name, error) };
  }
}
