import type { BuiltFeature, BuiltPeriods, SkippedFeature } from "../compute/built-feature.js";
import { computeFeature } from "../compute/compute.js";
import type { ComputedFeature, ComputedPeriods } from "../compute/computed-feature.js";
import { isWrittenInPlace, writeInPlace } from "../compute/in-place.js";
import { localOutput, type Output, stagedFiles } from "../compute/output.js";
import type { SharedTextSources } from "../compute/shared-text-sources.js";
import type { Stopwatch } from "../compute/stopwatch.js";
import { expectValid } from "../compute/validation-error.js";
import { explainChange } from "../log/change.js";
import { checkPublishing } from "../log/check-publishing.js";
import { writeGitignore } from "../log/gitignore.js";
import { writeInputs } from "../log/inputs.js";
import type { DataFile, VersionMetadata } from "../log/metadata.js";
import type { MoveOutcome } from "../log/pointer.js";
import { type Numbered, type Outcome, publish } from "../log/publish.js";
import { copyFiles, putFiles } from "../log/put-data.js";
import type { BuildContext } from "../sources/context.js";
import { expectUnchanged } from "../sources/source-files.js";
import type { SharedStaging } from "../sources/staging.js";
import { metadataOf } from "./candidate.js";
import { earlierVersion } from "./earlier-version.js";
import { type PendingBuild, promotionNote } from "./plan-build.js";

export type FeatureOutcome =
  | { readonly kind: "built"; readonly result: BuiltFeature }
  | { readonly kind: "skipped"; readonly result: SkippedFeature };

/** Used by all features of one build. */
export interface SharedByFeatures {
  readonly staging: SharedStaging;
  readonly textSources: SharedTextSources;
}

/** Computes a feature and publishes it, as described in `docs/commit-protocol.md`. */
export async function buildFeature(
  pending: PendingBuild,
  context: BuildContext,
  watch: Stopwatch,
  { staging: shared, textSources }: SharedByFeatures,
  signal?: AbortSignal,
): Promise<FeatureOutcome> {
  const { prepared, candidate, observed, committer } = pending;
  const { store } = context;
  const { feature, notices, volatile } = prepared.resolved;
  const earlier = await earlierVersion(pending, context, signal);
  const { name } = feature;
  const log = { store, feature: name, committer, signal };
  const compute = async (output: Output): Promise<ComputedFeature> => {
    watch.begin("computing");
    const computed = await computeFeature(prepared, context, {
      output,
      textSources,
      earlier,
      hashes: candidate.fileHashes,
      signal,
      onStep: watch.begin,
    });
    await expectUnchanged([...prepared.sources.values()], signal);
    expectValid(name, computed.validation);
    watch.begin("publishing");
    return computed;
  };
  const told = (outcome: Outcome, computed: ComputedFeature | undefined): FeatureOutcome =>
    toResult(outcome, context, name, watch, computed && { ...computed, omitted: prepared.omitted, notices, volatile });

  await checkPublishing(store, signal);
  if (isWrittenInPlace(prepared.resolved, context)) {
    let computed: ComputedFeature | undefined;
    const write = async (numbered: Numbered): Promise<VersionMetadata> => {
      const written = await writeInPlace(store, { feature: name, version: numbered.version }, compute, signal);
      computed = written.computed;
      return metadataOf(candidate, computed, written.files, numbered, committer);
    };
    await writeGitignore(store, name, signal);
    return told(await publish(log, { ...candidate, write }, observed), computed);
  }
  await using staging = await shared.open();
  const computed = await compute(localOutput(staging.path));
  const write = async (numbered: Numbered): Promise<VersionMetadata> => {
    const claim = { feature: name, version: numbered.version };
    const put = await putFiles(store, claim, stagedFiles(computed.files, staging.path), signal);
    const { periods, by } = computed;
    if (periods === undefined) return metadataOf(candidate, computed, put, numbered, committer);
    const kept = earlier === undefined ? [] : await copyFiles(store, earlier.metadata, claim, periods.kept, signal);
    const { planFingerprint: plan_fingerprint } = candidate;
    await writeInputs(store, { ...claim, commit_id: committer.commitId, plan_fingerprint, engine: by, sources: periods.inputs }, signal);
    return metadataOf(candidate, computed, inOrder([...kept, ...put]), numbered, committer);
  };
  await writeGitignore(store, name, signal);
  return told(await publish(log, { ...candidate, write }, observed), computed);
}

/** The names of periods sort by time. */
function inOrder(files: readonly DataFile[]): readonly DataFile[] {
  return [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Converts an outcome to the result of a build. Pass `computed` if rows were computed. */
export function toResult(
  outcome: Outcome,
  { store }: BuildContext,
  feature: string,
  watch: Stopwatch,
  computed?: Pick<ComputedFeature, "validation" | "periods" | "files"> & Pick<BuiltFeature, "notices" | "omitted" | "volatile">,
): FeatureOutcome {
  const seconds = watch.seconds();
  switch (outcome.kind) {
    case "unchanged":
      return { kind: "skipped", result: { feature, version: outcome.version, reason: "nothing changed", seconds } };
    case "promoted": {
      const reason = `${promotionNote}; ${outcome.move.moved ? "it is now latest" : explainStay(outcome.move)}`;
      return { kind: "skipped", result: { feature, version: outcome.version, reason, seconds } };
    }
    case "published": {
      const { metadata, change, move } = outcome;
      const reason = explainChange(change);
      return {
        kind: "built",
        result: {
          feature,
          version: metadata.version,
          change: change.bump,
          reason: move.moved ? reason : `${reason}; ${explainStay(move)}`,
          rows: metadata.row_count,
          bytes: metadata.files.reduce((sum, file) => sum + file.size, 0),
          periods: computed?.periods && builtPeriods(computed.periods, computed.files),
          url: store.locate(metadata.path),
          latest: move.moved,
          seconds,
          warnings: computed?.validation.filter(({ passed }) => !passed) ?? [],
          omitted: computed?.omitted ?? [],
          notices: computed?.notices ?? [],
          volatile: computed?.volatile ?? false,
        },
      };
    }
  }
}

function builtPeriods({ periods, computed, whole }: ComputedPeriods, files: ComputedFeature["files"]): BuiltPeriods {
  return { computed, kept: periods.length - computed, newBytes: files.reduce((sum, { size }) => sum + size, 0), whole };
}

/** Explains why a published version is not the latest. */
export function explainStay(stay: MoveOutcome & { readonly moved: false }): string {
  switch (stay.because) {
    case "newer":
      return `not made latest: ${stay.latest} is higher`;
    case "rolled back":
      return `not made latest: somebody rolled back to ${stay.latest} during the build`;
    case "held":
      return `not made latest: the feature is held at ${stay.latest}; run mlforge release to end the hold`;
    case "pruned":
      return "not made latest: a prune is removing it";
    case "unreadable":
      return "not made latest: these credentials cannot read which version is latest";
  }
}
