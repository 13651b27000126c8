import { MlforgeError, type Store } from "@mlforge/spec";
import type { AnyFeature } from "../define/feature.js";
import { explainChange } from "../log/change.js";
import type { MoveOutcome } from "../log/pointer.js";
import { type Log, type Outcome, observe, observeFor, publish, settleEarly } from "../log/publish.js";
import { type ComputedFeature, computeFeature } from "./compute.js";
import type { BuildContext, BuildProgress, BuildRequest, BuiltFeature, SkippedFeature } from "./context.js";
import { draftOf, finishDraft } from "./draft.js";
import { writeGitignore } from "./gitignore.js";
import { prepareFeature } from "./prepare.js";
import { expectUnchanged } from "./source-files.js";
import type { SourceHashes } from "./source-hashes.js";
import { openStaging } from "./staging.js";
import { expectValid } from "./validation-error.js";

export type FeatureOutcome =
  | { readonly kind: "built"; readonly result: BuiltFeature }
  | { readonly kind: "skipped"; readonly result: SkippedFeature };

/** Builds one feature, if a version would differ from the latest. `docs/commit-protocol.md` tells how it is published. */
export async function buildFeature(
  feature: AnyFeature,
  context: BuildContext,
  request: BuildRequest,
  hashes: SourceHashes,
): Promise<FeatureOutcome> {
  const { signal, version } = request;
  const { store } = context;
  const report = (step: BuildProgress["step"], fraction?: number): void => request.onProgress?.({ feature: feature.name, step, fraction });
  const committer = { commitId: context.newId(), by: context.by, at: context.now().toISOString() };
  const log: Log = { store, feature: feature.name, committer, signal };

  report("reading");
  if (version === undefined) expectReads(store);
  const chosen = version === undefined ? undefined : await observeFor(log, version);
  const prepared = await prepareFeature(feature, context, signal);
  const observed = chosen ?? (await observe(log));
  const sources = [...prepared.sources.values()];
  const draft = draftOf(prepared, await hashes.of(sources, signal), request);
  const settled = await settleEarly(log, draft, observed);
  if (settled.kind !== "open") return toResult(settled, context, feature.name);

  report("computing");
  await using staging = await openStaging(store);
  const computed = await computeFeature(prepared, context, { folder: staging.path, signal, onStep: report });
  await expectUnchanged(sources, signal);
  expectValid(feature.name, computed.validation);

  report("publishing");
  await writeGitignore(store, feature.name, signal);
  return toResult(await publish(log, finishDraft(draft, computed, committer), settled.observed), context, feature.name, computed);
}

/** @throws CAPABILITY_MISSING where the next number cannot be found out. */
function expectReads(store: Store): void {
  if (store.capabilities.readable) return;
  const message = `the ${store.name} store may only be written, so the next version cannot be found out; build with an explicit version, for example 1.0.0`;
  throw new MlforgeError("CAPABILITY_MISSING", message, { plugin: store.name, capability: "readable" });
}

function toResult(outcome: Outcome, { store }: BuildContext, feature: string, computed?: ComputedFeature): FeatureOutcome {
  switch (outcome.kind) {
    case "unchanged":
      return { kind: "skipped", result: { feature, version: outcome.version, reason: "nothing changed" } };
    case "promoted": {
      const published = "an earlier build published exactly this and did not make it latest";
      const reason = outcome.move.moved ? `${published}; it is latest now` : `${published}; ${explainStay(outcome.move)}`;
      return { kind: "skipped", result: { feature, version: outcome.version, reason } };
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
          url: store.locate(metadata.path),
          latest: move.moved,
          warnings: computed?.validation.filter(({ passed }) => !passed) ?? [],
        },
      };
    }
  }
}

function explainStay(stay: MoveOutcome & { readonly moved: false }): string {
  switch (stay.because) {
    case "newer":
      return `not made latest: ${stay.latest} is higher`;
    case "rolled back":
      return `not made latest: somebody rolled back to ${stay.latest} while it was built`;
    case "held":
      return `not made latest: the feature is held at ${stay.latest}; mlforge release ends that`;
    case "pruned":
      return "not made latest: a prune removes it";
    case "unreadable":
      return "not made latest: these credentials may not read which version is";
  }
}
