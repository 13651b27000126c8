import type { EarlierVersion } from "../compute/computed-feature.js";
import { readInputs } from "../log/inputs.js";
import type { BuildContext } from "../sources/context.js";
import type { ObservedFeature } from "./plan-build.js";

/**
 * Returns the version whose periods a build can keep: the latest one, if it has the same definition. A forced build keeps none, because the data of the
 * latest version might be damaged.
 */
export async function earlierVersion(
  { prepared, candidate, observed: { latest } }: ObservedFeature,
  { store, engine }: BuildContext,
  signal?: AbortSignal,
): Promise<EarlierVersion | undefined> {
  if (candidate.isForced || latest?.periods === undefined || latest.plan_fingerprint !== prepared.planFingerprint) return undefined;
  const recorded = await readInputs(store, latest, signal);
  const isComparable = recorded?.engine.name === engine?.name && recorded?.engine.version === engine?.version;
  return { metadata: latest, inputs: recorded !== undefined && isComparable ? recorded.sources : [] };
}
