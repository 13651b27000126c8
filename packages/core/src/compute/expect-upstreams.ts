import { expectReadable } from "../read/read-feature.js";
import type { PreparedFeature } from "../resolve/prepare.js";
import type { BuildContext } from "../sources/context.js";

/**
 * Checks the versions of other features that a feature reads, as a reader of these versions would, and lets plans name their files.
 *
 * @throws CAPABILITY_MISSING, DATA_CORRUPT
 */
export async function expectUpstreams({ sources }: PreparedFeature, context: BuildContext, signal?: AbortSignal): Promise<void> {
  for (const { upstream } of sources.values()) {
    if (upstream?.metadata !== undefined) await expectReadable(context, upstream.metadata, { signal });
  }
}
