import type { BuiltFeature, SkippedFeature } from "../compute/built-feature.js";
import { eachFeature, failuresOf, readConcurrency, type Settled } from "../compute/each-feature.js";
import type { FailedFeature } from "../compute/failed-feature.js";
import { layersOf, withoutFailed } from "../compute/layers.js";
import { SharedTextSources } from "../compute/shared-text-sources.js";
import { Stopwatch } from "../compute/stopwatch.js";
import type { AnyFeature } from "../define/any-feature.js";
import type { BuildContext } from "../sources/context.js";
import { KnownSources } from "../sources/known-sources.js";
import { isUnchanged } from "../sources/source-files.js";
import { SharedStaging } from "../sources/staging.js";
import { buildFeature, type FeatureOutcome, type SharedByFeatures, toResult } from "./build-feature.js";
import { missingDataNote, type PendingBuild, planBuild } from "./plan-build.js";
import type { BuildRequest } from "./request.js";

/** The result of each feature of a build, in the order of the features. */
export interface BuildResult {
  readonly built: readonly BuiltFeature[];
  readonly skipped: readonly SkippedFeature[];
  readonly failed: readonly FailedFeature[];
  /** The names of the features that were stopped or never started because another feature failed and `failFast` was set. */
  readonly cancelled: readonly string[];
}

export type BuildEvent = FeatureOutcome | { readonly kind: "failed"; readonly result: FailedFeature };

/**
 * Builds features concurrently: first checks all of them for changes, then computes those that changed.
 *
 * Records a failure and continues with the other features, unless `failFast` is set. An abort ends the build after its temporary files are deleted.
 */
export async function buildFeatures(
  features: readonly AnyFeature[],
  context: BuildContext,
  request: BuildRequest,
  onFeature?: (event: BuildEvent) => void,
): Promise<BuildResult> {
  const { signal, concurrency = context.engine?.capabilities.concurrency ?? 1 } = request;
  const stop = request.failFast === true ? new AbortController() : undefined;
  const onSettled = (settled: Settled<BuildDecision>): void => {
    if (settled.kind === "failed") onFeature?.(settled);
    else if (settled.kind === "done" && settled.result.kind !== "open") onFeature?.(settled.result);
  };
  await using known = new KnownSources(context, { rehash: request.rehash });
  const build = new Build(context, request, known);
  await using staging = new SharedStaging(context.store);
  const settled: Settled<BuildDecision>[] = [];
  // A feature reads the versions that this build publishes of the features that it reads.
  for (const layer of layersOf(features)) {
    const { ready, blocked } = withoutFailed(layer, failuresOf(settled));
    for (const each of blocked) onSettled(each);
    const looked = await eachFeature(ready, (feature, either) => build.look(feature, either), {
      concurrency: readConcurrency,
      stop,
      signal,
      onSettled,
    });
    const open = looked.flatMap((each) => (each.kind === "done" && each.result.kind === "open" ? [each.result] : []));
    await using textSources = new SharedTextSources(
      open.map((each) => each.open.prepared),
      context,
    );
    const finished = await eachFeature(open, (each, either) => build.finish(each, { staging, textSources }, either), {
      concurrency,
      stop,
      signal,
      onSettled,
    });
    settled.push(...blocked, ...looked, ...finished);
  }
  return resultOf(features, settled);
}

/** A feature that was checked for changes: its result, or what remains to compute. */
type BuildDecision =
  | FeatureOutcome
  | { readonly kind: "open"; readonly name: string; readonly feature: AnyFeature; readonly open: PendingBuild };

class Build {
  readonly #context: BuildContext;
  readonly #request: BuildRequest;
  readonly #known: KnownSources;
  readonly #watches = new Map<string, Stopwatch>();

  constructor(context: BuildContext, request: BuildRequest, known: KnownSources) {
    this.#context = context;
    this.#request = request;
    this.#known = known;
  }

  readonly look = async (feature: AnyFeature, signal?: AbortSignal, known = this.#known): Promise<BuildDecision> => {
    const { name } = feature;
    const watch = this.#watchOf(name);
    watch.begin("reading");
    const looked = await planBuild(feature, this.#context, this.#request, known, signal);
    watch.pause();
    if (looked.kind === "open") return { ...looked, name, feature };
    const outcome = toResult(looked.outcome, this.#context, name, watch);
    if (outcome.kind === "built" || !looked.isDataMissing) return outcome;
    const reason = `${outcome.result.reason}; ${missingDataNote}`;
    return { ...outcome, result: { ...outcome.result, reason } };
  };

  readonly finish = async (
    looked: Extract<BuildDecision, { kind: "open" }>,
    shared: SharedByFeatures,
    signal?: AbortSignal,
  ): Promise<FeatureOutcome> => {
    const { resolved, sources } = looked.open.prepared;
    this.#watchOf(looked.name).begin("reading");
    await this.#known.stage(resolved.sources, signal);
    // Other features were computed since, which may have taken a long time.
    const isFresh = await isUnchanged([...sources.values()], signal);
    const latest = isFresh ? looked : await this.look(looked.feature, signal, this.#known.refreshed());
    return latest.kind === "open" ? buildFeature(latest.open, this.#context, this.#watchOf(looked.name), shared, signal) : latest;
  };

  #watchOf(name: string): Stopwatch {
    const watch =
      this.#watches.get(name) ?? new Stopwatch((step, fraction) => this.#request.onProgress?.({ feature: name, step, fraction }));
    this.#watches.set(name, watch);
    return watch;
  }
}

function resultOf(features: readonly AnyFeature[], settled: readonly Settled<BuildDecision>[]): BuildResult {
  const order = new Map(features.map(({ name }, index) => [name, index]));
  const sorted = <T extends { readonly feature: string }>(results: readonly T[]): readonly T[] =>
    [...results].sort((a, b) => (order.get(a.feature) ?? 0) - (order.get(b.feature) ?? 0));
  const done = settled.flatMap((each) => (each.kind === "done" ? [each.result] : []));
  return {
    built: sorted(done.flatMap((each) => (each.kind === "built" ? [each.result] : []))),
    skipped: sorted(done.flatMap((each) => (each.kind === "skipped" ? [each.result] : []))),
    failed: sorted(settled.flatMap((each) => (each.kind === "failed" ? [each.result] : []))),
    cancelled: sorted(settled.flatMap((each) => (each.kind === "cancelled" ? [each] : []))).map(({ feature }) => feature),
  };
}
