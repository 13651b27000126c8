import { isMlforgeError } from "@mlforge/spec";
import type { BuiltFeature } from "../compute/built-feature.js";
import { eachFeature, failuresOf, readConcurrency, type Settled } from "../compute/each-feature.js";
import type { FailedFeature } from "../compute/failed-feature.js";
import { type Layered, layersOf, withoutFailed } from "../compute/layers.js";
import { SharedTextSources } from "../compute/shared-text-sources.js";
import type { BuildProgress } from "../compute/stopwatch.js";
import { Stopwatch } from "../compute/stopwatch.js";
import type { AnyFeature } from "../define/any-feature.js";
import type { BuildContext } from "../sources/context.js";
import { KnownSources } from "../sources/known-sources.js";
import { type Found, lookForMissing, type Missing } from "./look-for-missing.js";
import { rebuild, type SyncedFeature } from "./rebuild.js";

export interface SyncRequest {
  /** If true, only finds what is missing and whether it can be rebuilt. Defaults to false. */
  readonly dryRun?: boolean | undefined;
  /** If true, builds and publishes a new version if a version cannot be rebuilt as it was. Defaults to false. */
  readonly force?: boolean | undefined;
  /** If true, also reads existing data and checks it against its SHA-256. If false, checks only sizes. Defaults to false. */
  readonly verify?: boolean | undefined;
  readonly concurrency?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: BuildProgress) => void) | undefined;
}

/** Builds and publishes new versions of features whose versions cannot be rebuilt as they were. */
export type Publish = (
  features: readonly AnyFeature[],
  request: Pick<SyncRequest, "concurrency" | "signal" | "onProgress">,
) => Promise<{ readonly built: readonly BuiltFeature[]; readonly failed: readonly FailedFeature[] }>;

/** The result for the latest version of each feature, in the order of the features. */
export interface SyncResult {
  readonly synced: readonly SyncedFeature[];
  /** With `dryRun`: the versions that would be rebuilt. */
  readonly missing: readonly MissingVersion[];
  readonly present: readonly { readonly feature: string; readonly version: string }[];
  /** The features that have no version yet, and therefore nothing to rebuild. */
  readonly unbuilt: readonly string[];
  /** With `force`: the new versions of features whose versions could not be rebuilt as they were. */
  readonly published: readonly BuiltFeature[];
  readonly failed: readonly FailedFeature[];
}

/** A version whose data is missing or differs from what was published. */
export interface MissingVersion {
  readonly feature: string;
  readonly version: string;
  readonly rows: number;
  /** The recorded size of the missing files. */
  readonly bytes: number;
}

export type SyncEvent =
  | { readonly kind: "synced"; readonly result: SyncedFeature }
  | { readonly kind: "failed"; readonly result: FailedFeature };

/**
 * Rebuilds missing data of latest versions, for example after a Git clone, which has metadata but no data.
 *
 * Never writes metadata. A version that cannot be rebuilt as it was fails, and the others continue.
 */
export async function syncFeatures(
  features: readonly AnyFeature[],
  context: BuildContext,
  request: SyncRequest,
  publish: Publish,
  onFeature?: (event: SyncEvent) => void,
): Promise<SyncResult> {
  const { signal, concurrency = context.engine?.capabilities.concurrency ?? 1 } = request;
  await using known = new KnownSources(context, { rehash: true });
  const looked = await eachFeature(features, (feature, either) => look(feature, context, known, request, either), {
    concurrency: readConcurrency,
    signal,
  });
  const found = looked.flatMap((each) => (each.kind === "done" ? [each.result] : []));
  const missing = found.flatMap(({ name, upstreams, found: each }) =>
    each.kind === "missing" ? [{ name, upstreams, missing: each.missing }] : [],
  );
  const lost = [
    ...failuresOf(looked),
    ...found.flatMap(({ name, found: each }) => (each.kind === "other" ? [{ feature: name, error: each.error }] : [])),
  ];
  const rebuilt = request.dryRun === true ? [] : await rebuildAll(missing, lost, context, { ...request, concurrency }, onFeature);
  const failed = [...lost, ...failuresOf(rebuilt)];
  const others = new Set<string>();
  // Those that read a feature come after it.
  for (const { feature, error } of failed) {
    const reads = isMlforgeError(error, "UPSTREAM_FAILED") ? error.details.upstream : undefined;
    if (error.code === "SYNC_MISMATCH" || (reads !== undefined && others.has(reads))) others.add(feature);
  }
  const forced = request.force === true && request.dryRun !== true ? features.filter(({ name }) => others.has(name)) : [];
  const fresh = await publish(forced, { concurrency, signal, onProgress: request.onProgress });
  const replaced = new Set(forced.map(({ name }) => name));
  const remaining = [...failed.filter(({ feature }) => !replaced.has(feature)), ...fresh.failed];
  for (const result of remaining) onFeature?.({ kind: "failed", result });
  return {
    synced: rebuilt.flatMap((each) => (each.kind === "done" ? [each.result] : [])),
    missing: request.dryRun === true ? missing.map((each) => describeMissing(each.missing)) : [],
    present: found.flatMap(({ name, found: each }) => (each.kind === "present" ? [{ feature: name, version: each.version }] : [])),
    unbuilt: found.flatMap(({ name, found: each }) => (each.kind === "unbuilt" ? [name] : [])),
    published: fresh.built,
    failed: remaining,
  };
}

interface FoundFeature extends Layered {
  readonly found: Found;
}

async function look(
  feature: AnyFeature,
  context: BuildContext,
  known: KnownSources,
  { verify, onProgress }: SyncRequest,
  signal?: AbortSignal,
): Promise<FoundFeature> {
  onProgress?.({ feature: feature.name, step: "reading" });
  const { name, upstreams } = feature;
  return { name, upstreams, found: await lookForMissing(feature, context, known, { verify, signal }) };
}

async function rebuildAll(
  missing: readonly (Layered & { readonly missing: Missing })[],
  lost: readonly FailedFeature[],
  context: BuildContext,
  { concurrency, signal, onProgress }: SyncRequest & { readonly concurrency: number },
  onFeature?: (event: SyncEvent) => void,
): Promise<readonly Settled<SyncedFeature>[]> {
  const rebuilt: Settled<SyncedFeature>[] = [];
  // A feature is computed from the data of the features that it reads, which may be missing too.
  for (const layer of layersOf(missing)) {
    const { ready, blocked } = withoutFailed(layer, [...lost, ...failuresOf(rebuilt)]);
    await using textSources = new SharedTextSources(
      ready.map((each) => each.missing.prepared),
      context,
    );
    const settled = await eachFeature(
      ready,
      (each, either) => {
        const watch = new Stopwatch((step, fraction) => onProgress?.({ feature: each.name, step, fraction }));
        return rebuild(each.missing, context, watch, textSources, either);
      },
      {
        concurrency,
        signal,
        onSettled: (each) => {
          if (each.kind === "done") onFeature?.({ kind: "synced", result: each.result });
        },
      },
    );
    rebuilt.push(...blocked, ...settled);
  }
  return rebuilt;
}

function describeMissing({ metadata, files }: Missing): MissingVersion {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return { feature: metadata.name, version: metadata.version, rows: metadata.row_count, bytes };
}
