import { computeFeature } from "../compute/compute.js";
import type { ComputedFeature } from "../compute/computed-feature.js";
import { isWrittenInPlace } from "../compute/in-place.js";
import { localOutput, type Output, stagedFiles, storeOutput } from "../compute/output.js";
import type { SharedTextSources } from "../compute/shared-text-sources.js";
import type { StepSeconds, Stopwatch } from "../compute/stopwatch.js";
import type { Claim } from "../log/claim.js";
import { copyObject } from "../log/copy-object.js";
import { dataKey, versionFolder } from "../log/keys.js";
import type { VersionMetadata } from "../log/metadata.js";
import { putFiles } from "../log/put-data.js";
import type { BuildContext } from "../sources/context.js";
import { expectUnchanged } from "../sources/source-files.js";
import { openStaging } from "../sources/staging.js";
import { type Missing, syncMismatch } from "./look-for-missing.js";

/** A version whose data was rebuilt, byte for byte as it was published. */
export interface SyncedFeature {
  readonly feature: string;
  readonly version: string;
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: StepSeconds;
}

/**
 * Computes the data of a version again and puts it in its place if it matches the metadata.
 *
 * @throws SYNC_MISMATCH if it does not match; nothing is written then
 */
export async function rebuild(
  { metadata, prepared }: Missing,
  context: BuildContext,
  watch: Stopwatch,
  textSources: SharedTextSources,
  signal?: AbortSignal,
): Promise<SyncedFeature> {
  const { name, version, row_count: rows } = metadata;
  watch.begin("computing");
  const compute = async (output: Output): Promise<ComputedFeature> => {
    const computed = await computeFeature(prepared, context, { output, textSources, signal, onStep: watch.begin });
    await expectUnchanged([...prepared.sources.values()], signal);
    const problems = differences(metadata, computed);
    if (problems.length > 0) throw syncMismatch(metadata, problems);
    watch.begin("publishing");
    return computed;
  };
  if (isWrittenInPlace(prepared.resolved, context)) {
    await rebuildInPlace(context, { feature: name, version }, compute, signal);
  } else {
    await using staging = await openStaging(context.store);
    const { files } = await compute(localOutput(staging.path));
    await putFiles(context.store, { feature: name, version }, stagedFiles(files, staging.path), signal);
  }
  const bytes = metadata.files.reduce((sum, file) => sum + file.size, 0);
  return { feature: name, version, rows, bytes, seconds: watch.seconds() };
}

/** Computes the data in a temporary folder of the store, and copies it to its place if it equals what was published. */
async function rebuildInPlace(
  { store, newId }: BuildContext,
  { feature, version }: Claim,
  compute: (output: Output) => Promise<ComputedFeature>,
  signal?: AbortSignal,
): Promise<void> {
  const folder = `${versionFolder(feature, version)}/.sync-${newId()}`;
  try {
    const { files } = await compute(storeOutput(store, folder));
    for (const { name } of files) await copyObject(store, `${folder}/${name}`, dataKey(feature, version, name), { signal });
  } finally {
    for await (const entry of store.list(`${folder}/`)) if (entry.kind === "object") await store.delete(entry.info.key);
  }
}

/** Returns how a result differs from what was recorded. The columns cannot differ, since they are part of the definition. */
function differences({ files, row_count, engine, volatile }: VersionMetadata, computed: ComputedFeature): readonly string[] {
  const { rows, by } = computed;
  const reasons = volatile === true ? ["its definition is volatile, so equal inputs can give other rows"] : [];
  const names = (of: readonly string[]): string => [...of].sort().join(", ");
  const recorded = names(files.map(({ path }) => path));
  const written = names(computed.files.map(({ name }) => name));
  if (recorded !== written) return [`its data has the files ${recorded}, but ${by.name} writes ${written}`];
  if (rows !== row_count) return [`it has ${rows} rows instead of ${row_count}`, ...reasons];
  const hashes = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  if (computed.files.every(({ name, sha256 }) => hashes.get(name) === sha256)) return [];
  const made = `${by.name} ${by.version}`;
  const before = `${engine.name} ${engine.version}`;
  return [`the rows differ or are encoded differently (built by ${before}, now by ${made})`, ...reasons];
}
