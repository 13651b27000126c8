import type { Store } from "@mlforge/spec";
import { attempt } from "../log/attempt.js";
import type { Claim } from "../log/claim.js";
import { claimKey, dataKey, versionFolder } from "../log/keys.js";
import type { DataFile } from "../log/metadata.js";
import { incomplete, recordOf } from "../log/put-data.js";
import type { ResolvedFeature } from "../resolve/resolve-feature.js";
import type { BuildContext } from "../sources/context.js";
import { schemeOf } from "../sources/remotes.js";
import type { ComputedFeature } from "./computed-feature.js";
import { type Output, storeOutput } from "./output.js";

/**
 * Returns true if the engine writes a feature directly to its place in the store. A store with a staging folder is not written to directly: moving
 * files from there costs nothing, and a version that fails its checks uses up no number. Periods are never written directly.
 */
export function isWrittenInPlace({ feature, computation }: ResolvedFeature, { store, engine }: BuildContext): boolean {
  if (store.stage !== undefined || engine === undefined || computation.kind !== "plan" || feature.partition !== undefined) return false;
  const scheme = schemeOf(store.locate(claimKey(feature.name, "0.0.0"))) ?? "";
  return engine.capabilities.writes.includes(scheme) && engine.capabilities.reads.includes(scheme);
}

/** Computes a feature into the folder of a version that this commit has claimed. If that fails, removes what was written. The claim stays. */
export async function writeInPlace(
  store: Store,
  claim: Claim,
  compute: (output: Output) => Promise<ComputedFeature>,
  signal?: AbortSignal,
): Promise<{ readonly computed: ComputedFeature; readonly files: readonly DataFile[] }> {
  const { feature, version } = claim;
  try {
    const computed = await compute(storeOutput(store, versionFolder(feature, version)));
    const files: DataFile[] = [];
    for (const file of computed.files) {
      const key = dataKey(feature, version, file.name);
      const { etag, size } = await attempt(() => store.head(key, { signal }), signal);
      if (size !== file.size) throw incomplete(key, size, file.size);
      files.push(recordOf(store, file, etag));
    }
    return { computed, files };
  } catch (error) {
    // The original error is thrown. Verify finds the remaining files, and prune removes them.
    await removeWritten(store, claim).catch(() => undefined);
    throw error;
  }
}

async function removeWritten(store: Store, { feature, version }: Claim): Promise<void> {
  for await (const entry of store.list(`${versionFolder(feature, version)}/`))
    if (entry.kind === "object" && entry.info.key !== claimKey(feature, version)) await store.delete(entry.info.key);
}
