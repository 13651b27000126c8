import { MlforgeError, type Store } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import type { Committer } from "../log/claim.js";
import type { VersionMetadata } from "../log/metadata.js";
import { missingFiles } from "../log/missing-files.js";
import { type Log, type Observed, type Outcome, observe, observeFor, settleEarly } from "../log/publish.js";
import { type PreparedFeature, prepareFeature } from "../resolve/prepare.js";
import type { BuildContext } from "../sources/context.js";
import type { KnownSources } from "../sources/known-sources.js";
import { type BuildCandidate, candidateOf } from "./candidate.js";
import type { BuildRequest } from "./request.js";

/** A feature whose definition and source data were compared with its latest version. */
export type BuildDecision =
  | { readonly kind: "settled"; readonly outcome: Outcome; readonly isDataMissing: boolean }
  | { readonly kind: "open"; readonly open: PendingBuild };

/** A feature that must be computed. */
export interface PendingBuild {
  readonly prepared: PreparedFeature;
  readonly candidate: BuildCandidate;
  readonly observed: Observed;
  readonly committer: Committer;
}

/** The version a build would publish, and the state of the log before that. */
export type ObservedFeature = Omit<PendingBuild, "committer">;

/**
 * Reads everything a build bases its decision on. Writes nothing.
 * @throws CAPABILITY_MISSING if the next version number cannot be determined; VERSION_EXISTS
 */
export async function observeFeature(
  feature: AnyFeature,
  context: BuildContext,
  request: Pick<BuildRequest, "version" | "force">,
  known: KnownSources,
  signal?: AbortSignal,
): Promise<ObservedFeature> {
  const { store } = context;
  const { version } = request;
  const log = { store, feature: feature.name, signal };
  if (version === undefined) expectReads(store);
  const chosen = version === undefined ? undefined : await observeFor(log, version);
  const prepared = await prepareFeature(feature, known, signal);
  const observed = chosen ?? (await observe(log));
  const candidate = candidateOf(prepared, await known.hash([...prepared.sources.values()], signal), request);
  return { prepared, candidate, observed };
}

/** Determines whether a feature must be computed. Completes everything that needs no computation. */
export async function planBuild(
  feature: AnyFeature,
  context: BuildContext,
  request: BuildRequest,
  known: KnownSources,
  signal?: AbortSignal,
): Promise<BuildDecision> {
  const { store } = context;
  const committer: Committer = { commitId: context.newId(), by: context.by, at: context.now().toISOString() };
  const log: Log = { store, feature: feature.name, committer, signal };
  const { prepared, candidate, observed } = await observeFeature(feature, context, request, known, signal);
  const settled = await settleEarly(log, candidate, observed);
  if (settled.kind !== "open")
    return { kind: "settled", outcome: settled, isDataMissing: await isDataMissing(store, observed.latest, signal) };
  return { kind: "open", open: { prepared, candidate, observed: settled.observed, committer } };
}

/** The reason for making a version latest without building it. */
export const promotionNote = "an earlier build published exactly this version and did not make it latest";

/** Added to the reason of an unchanged feature if {@link isDataMissing}. */
export const missingDataNote = "its data is missing here; run mlforge sync to rebuild it";

/** Returns true if this is a Git clone without the data of its latest version. Other stores do not lose data, so nothing is checked there. */
export async function isDataMissing(store: Store, latest: VersionMetadata | undefined, signal?: AbortSignal): Promise<boolean> {
  return store.capabilities.workingTree && latest !== undefined && (await missingFiles(store, latest, { signal })).length > 0;
}

/** Checks that the store is readable. @throws CAPABILITY_MISSING if the next version number cannot be determined */
function expectReads(store: Store): void {
  if (store.capabilities.readable) return;
  const message = `the ${store.name} store is write-only, so the next version cannot be determined; build with an explicit version, for example 1.0.0`;
  throw new MlforgeError("CAPABILITY_MISSING", message, { plugin: store.name, capability: "readable" });
}
