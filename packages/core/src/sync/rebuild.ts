import { type ComputedFeature, computeFeature } from "../compute/compute.js";
import type { SharedTexts } from "../compute/shared-texts.js";
import type { StepSeconds, Stopwatch } from "../compute/stopwatch.js";
import type { VersionMetadata } from "../log/metadata.js";
import { putData } from "../log/put-data.js";
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
  texts: SharedTexts,
  signal?: AbortSignal,
): Promise<SyncedFeature> {
  const { name, version, row_count: rows } = metadata;
  watch.begin("computing");
  await using staging = await openStaging(context.store);
  const computed = await computeFeature(prepared, context, { folder: staging.path, texts, signal, onStep: watch.begin });
  await expectUnchanged([...prepared.sources.values()], signal);
  const problems = differences(metadata, computed);
  if (problems.length > 0) throw syncMismatch(metadata, problems);
  watch.begin("publishing");
  await putData(context.store, { feature: name, version }, computed.file, signal);
  return { feature: name, version, rows, bytes: computed.file.size, seconds: watch.seconds() };
}

/** Returns how a result differs from what was recorded. The columns cannot differ, since they are part of the definition. */
function differences({ files, row_count, engine }: VersionMetadata, { file, rows, by }: ComputedFeature): readonly string[] {
  const [recorded, ...others] = files;
  if (recorded === undefined || others.length > 0 || recorded.path !== file.name)
    return [`its data has the files ${files.map(({ path }) => path).join(", ")}, but ${by.name} writes one file, ${file.name}`];
  if (rows !== row_count) return [`it has ${rows} rows instead of ${row_count}`];
  if (file.sha256 === recorded.sha256) return [];
  const made = `${by.name} ${by.version}`;
  const before = `${engine.name} ${engine.version}`;
  return [`the rows differ or are encoded differently (built by ${before}, now by ${made})`];
}
