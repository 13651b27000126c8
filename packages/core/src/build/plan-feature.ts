import { checkQueries } from "../compute/check-queries.js";
import type { FailedFeature } from "../compute/failed-feature.js";
import { type PlannedPeriods, planPeriods } from "../compute/plan-periods.js";
import type { AnyFeature } from "../define/any-feature.js";
import type { TimelessStep } from "../define/times.js";
import { type Change, explainChange } from "../log/change.js";
import { readMetadata } from "../log/metadata.js";
import { type MoveOutcome, whyNotLatest } from "../log/pointer.js";
import { type Decision, decide, type Observed } from "../log/publish.js";
import { differencesBetween, type VersionDifferences } from "../read/version-differences.js";
import { logicText } from "../resolve/logic-text.js";
import type { BuildContext } from "../sources/context.js";
import type { KnownSources } from "../sources/known-sources.js";
import { explainStay } from "./build-feature.js";
import type { BuildCandidate } from "./candidate.js";
import { earlierVersion } from "./earlier-version.js";
import { isDataMissing, missingDataNote, type ObservedFeature, observeFeature, promotionNote } from "./plan-build.js";
import type { BuildRequest } from "./request.js";

/** The plan for one feature. */
export type FeaturePlan = PlannedFeature | UnplannedFeature;

/** A feature that would fail before the build computes anything. */
export interface UnplannedFeature extends FailedFeature {
  readonly action: "fail";
}

export interface PlannedFeature {
  readonly feature: string;
  /**
   * `build`: compute and publish a version. `promote`: make a version latest that an interrupted build published. `skip`: do nothing, because nothing
   * changed.
   */
  readonly action: "build" | "promote" | "skip";
  /** The version that is latest now. Undefined if there is none or the credentials cannot read it. */
  readonly latest: string | undefined;
  /** The version after the build: the next number, the promoted version, or the current one. */
  readonly next: string;
  /** The kind of change. Undefined if nothing is built. */
  readonly change: Change["bump"] | undefined;
  readonly reason: Change["reason"] | undefined;
  /** The details of the change, as in the metadata. */
  readonly details: readonly string[];
  /** The reason in words. For a `build`, the same words that the build reports. */
  readonly why: string;
  /**
   * All differences from the latest version. If there is no latest version, everything is new. Undefined if the credentials cannot read it. Tags, the
   * description, and validators are not part of a version: if only they differ, nothing is built.
   */
  readonly differences: VersionDifferences | undefined;
  readonly source: {
    /** True if the source data differs from the data the latest version was built from. Undefined if there is no latest version. */
    readonly changed: boolean | undefined;
    readonly files: number;
    /** The number of database queries it reads. A plan reads none of their rows. */
    readonly queries: number;
    /** The size of the files. A build reads only the columns it needs. */
    readonly bytes: number;
  };
  /** The periods that the build would compute and keep. Undefined if the feature is not divided into periods, or if nothing is built. */
  readonly periods: PlannedPeriods | undefined;
  /** True if a hold keeps the current version latest. */
  readonly held: boolean;
  /** True if the version would become latest or is latest already. Undefined if the credentials cannot read which version is latest. */
  readonly becomesLatest: boolean | undefined;
  /** The steps that the definition declares independent of time, with the reasons it gives. */
  readonly timeless: readonly TimelessStep[];
  /** True if its definition declares that equal inputs can give other rows. */
  readonly volatile: boolean;
  /** Notices about parts of the definition that mlforge cannot check. */
  readonly notices: readonly string[];
}

/** Makes the same decision as a build. Writes nothing. */
export async function planFeature(
  feature: AnyFeature,
  context: BuildContext,
  request: Pick<BuildRequest, "version" | "force">,
  known: KnownSources,
  signal?: AbortSignal,
): Promise<PlannedFeature> {
  const drafted = await observeFeature(feature, context, request, known, signal);
  const log = { store: context.store, feature: feature.name, signal };
  const decision = await decide(log, drafted.candidate, drafted.observed, { claims: "look" });
  if (decision.kind === "publish") await checkQueries(drafted.prepared.resolved, context, signal);
  const plan = describePlan(decision, drafted, decision.kind === "publish" ? await periodsOf(drafted, context, signal) : undefined);
  if (decision.kind !== "unchanged" && plan.becomesLatest !== false) {
    const { version } = decision;
    const metadata = decision.kind === "promote" ? await readMetadata(context.store, feature.name, version, signal) : undefined;
    known.planVersion(feature.name, { ...drafted.candidate.next, version, metadata });
  }
  const isAway = decision.kind !== "publish" && (await isDataMissing(context.store, drafted.observed.latest, signal));
  return isAway ? { ...plan, why: `${plan.why}; ${missingDataNote}` } : plan;
}

async function periodsOf(drafted: ObservedFeature, context: BuildContext, signal?: AbortSignal): Promise<PlannedPeriods | undefined> {
  const { prepared, candidate } = drafted;
  const { partition } = prepared.resolved.feature;
  if (partition === undefined) return undefined;
  const earlier = await earlierVersion(drafted, context, signal);
  return planPeriods(partition, prepared, context, { earlier, hashes: candidate.fileHashes, signal });
}

const actions = { publish: "build", promote: "promote", unchanged: "skip" } as const;

function describePlan(
  decision: Decision,
  { prepared, candidate, observed }: ObservedFeature,
  periods: PlannedPeriods | undefined,
): PlannedFeature {
  const { pointer, latest, unreadable } = observed;
  const change = decision.kind === "unchanged" ? undefined : decision.change;
  const stay = stayOf(decision.version, observed);
  const read = [...prepared.sources.values()].flatMap((source) => source.files);
  const files = read.filter(({ isQuery }) => isQuery !== true);
  return {
    feature: prepared.resolved.feature.name,
    action: actions[decision.kind],
    latest: pointer?.value.version,
    next: decision.version,
    change: change?.bump,
    reason: change?.reason,
    details: change?.details ?? [],
    why: [reasonOf(decision), ...(stay === undefined ? [] : [explainStay(stay)])].join("; "),
    differences: unreadable ? undefined : differencesBetween(latest, described(candidate)),
    source: {
      changed: latest === undefined ? undefined : latest.source_fingerprint !== candidate.sourceFingerprint,
      files: files.length,
      queries: read.length - files.length,
      bytes: files.reduce((sum, { size }) => sum + size, 0),
    },
    periods,
    held: pointer?.value.held === true,
    becomesLatest: unreadable ? undefined : stay === undefined,
    timeless: prepared.resolved.timeless,
    volatile: prepared.resolved.volatile,
    notices: prepared.resolved.notices,
  };
}

function stayOf(version: string, { pointer, unreadable }: Observed): (MoveOutcome & { readonly moved: false }) | undefined {
  if (unreadable) return undefined;
  const move = { version, kind: "build", at: "", by: "", reason: "", commit_id: "" } as const;
  const stay = whyNotLatest(pointer?.value, move, pointer?.value.seq ?? 0);
  return stay === undefined || stay.moved ? undefined : stay;
}

function reasonOf(decision: Decision): string {
  switch (decision.kind) {
    case "unchanged":
      return "nothing changed";
    case "promote":
      return promotionNote;
    case "publish":
      return explainChange(decision.change);
  }
}

function described({ prepared: { resolved }, next }: BuildCandidate): Parameters<typeof differencesBetween>[1] {
  const { tags, description } = resolved.feature;
  return { ...next, tags, description, logic: logicText(resolved), validation: resolved.validators };
}
