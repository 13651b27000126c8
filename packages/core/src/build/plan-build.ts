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

/** A feature whose definition and source data were held against its latest version. */
export type BuildDecision =
  | { readonly kind: "settled"; readonly outcome: Outcome; readonly isDataMissing: boolean }
  | { readonly kind: "open"; readonly open: PendingBuild };

/** A feature that has something to compute. */
export interface PendingBuild {
  readonly prepared: PreparedFeature;
  readonly candidate: BuildCandidate;
  readonly observed: Observed;
  readonly committer: Committer;
}

/** What a build would publish of a feature, and what the log says before it does. */
export type ObservedFeature = Omit<PendingBuild, "committer">;

/** Reads what a build decides by, and writes nothing. @throws CAPABILITY_MISSING where the next number cannot be found out; VERSION_EXISTS */
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

/** Finds out whether a feature has something to compute, and settles what can be settled without. */
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

/** What is said of a version that is made latest and not built. */
export const promotionNote = "an earlier build published exactly this and did not make it latest";

/** What is said of a feature that stays as it is where {@link isDataMissing}. */
export const missingDataNote = "its data is not here, and mlforge sync rebuilds it";

/** Whether this is a Git clone without the data of its latest version. Elsewhere data does not go astray, and is not asked for. */
export async function isDataMissing(store: Store, latest: VersionMetadata | undefined, signal?: AbortSignal): Promise<boolean> {
  return store.capabilities.workingTree && latest !== undefined && (await missingFiles(store, latest, { signal })).length > 0;
}

/** @throws CAPABILITY_MISSING where the next number cannot be found out. */
function expectReads(store: Store): void {
  if (store.capabilities.readable) return;
  const message = `the ${store.name} store may only be written, so the next version cannot be found out; build with an explicit version, for example 1.0.0`;
  throw new MlforgeError("CAPABILITY_MISSING", message, { plugin: store.name, capability: "readable" });
}
