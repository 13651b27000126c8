import type { FailedFeature } from "../compute/failed-feature.js";
import type { AnyFeature } from "../define/any-feature.js";
import type { TimelessStep } from "../define/times.js";
import { type Change, explainChange } from "../log/change.js";
import { type MoveOutcome, whyNotLatest } from "../log/pointer.js";
import { type Decision, decide, type Observed } from "../log/publish.js";
import { differencesBetween, type VersionDifferences } from "../read/version-differences.js";
import { logicText } from "../resolve/logic-text.js";
import type { BuildContext } from "../sources/context.js";
import type { KnownSources } from "../sources/known-sources.js";
import { explainStay } from "./build-feature.js";
import type { BuildCandidate } from "./candidate.js";
import { isDataMissing, missingDataNote, type ObservedFeature, observeFeature, promotionNote } from "./plan-build.js";
import type { BuildRequest } from "./request.js";

/** What a build would do with a feature. */
export type FeaturePlan = PlannedFeature | UnplannedFeature;

/** A feature that a build would come to nothing with, already before it computes anything. */
export interface UnplannedFeature extends FailedFeature {
  readonly action: "fail";
}

export interface PlannedFeature {
  readonly feature: string;
  /**
   * `build`: compute and publish a version. `promote`: make one latest that an earlier build published before it ended. `skip`: nothing, as
   * nothing changed.
   */
  readonly action: "build" | "promote" | "skip";
  /** The version that is latest now; undefined where there is none, or where it may not be read. */
  readonly latest: string | undefined;
  /** The version that a build would end with: the next number, or the one that is promoted or stays. */
  readonly next: string;
  /** The kind of change; undefined where nothing is built. */
  readonly change: Change["bump"] | undefined;
  readonly reason: Change["reason"] | undefined;
  /** What decided, as metadata has it. */
  readonly details: readonly string[];
  /** The reason in plain words: of a `build` those in which the build will give it. */
  readonly why: string;
  /**
   * Everything that differs from the latest version; without one all is new, and where it may not be read this is undefined. Tags, the description
   * and validators are no part of a version: where only they differ, nothing is built.
   */
  readonly differences: VersionDifferences | undefined;
  readonly source: {
    /** Whether its files hold other data than those the latest version was built from; undefined without one. */
    readonly changed: boolean | undefined;
    readonly files: number;
    /** How many queries of databases it reads, of which a plan reads no row. */
    readonly queries: number;
    /** The size of the files, of which a build reads the columns that it needs. */
    readonly bytes: number;
  };
  /** Whether somebody holds the latest version where it is. */
  readonly held: boolean;
  /** Whether the build would make its version latest, or it is so already; undefined where it may not be read which one is. */
  readonly becomesLatest: boolean | undefined;
  /** The steps that the definition states to be independent of time, with its reasons. */
  readonly timeless: readonly TimelessStep[];
  /** What to look at twice in the definition, in words: nothing that mlforge could check. */
  readonly notices: readonly string[];
}

/** Decides what a build would do, as the build does. Reads, and writes nothing. */
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
  const plan = describePlan(decision, drafted);
  const isAway = decision.kind !== "publish" && (await isDataMissing(context.store, drafted.observed.latest, signal));
  return isAway ? { ...plan, why: `${plan.why}; ${missingDataNote}` } : plan;
}

const actions = { publish: "build", promote: "promote", unchanged: "skip" } as const;

function describePlan(decision: Decision, { prepared, candidate, observed }: ObservedFeature): PlannedFeature {
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
    held: pointer?.value.held === true,
    becomesLatest: unreadable ? undefined : stay === undefined,
    timeless: prepared.resolved.timeless,
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
