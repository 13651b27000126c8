import { MlforgeError } from "@mlforge/spec";
import type { AnyFeature } from "../define/any-feature.js";
import type { DataFile, VersionMetadata } from "../log/metadata.js";
import { missingFiles } from "../log/missing-files.js";
import { observe } from "../log/publish.js";
import { type PreparedFeature, prepareFeature } from "../resolve/prepare.js";
import type { BuildContext } from "../sources/context.js";
import type { KnownSources } from "../sources/known-sources.js";

/** The latest version of a feature whose data is missing. */
export interface Missing {
  readonly metadata: VersionMetadata;
  readonly files: readonly DataFile[];
  readonly prepared: PreparedFeature;
}

/** The state of the data of a feature's latest version. */
export type Found =
  | { readonly kind: "unbuilt" }
  | { readonly kind: "present"; readonly version: string }
  | { readonly kind: "missing"; readonly missing: Missing }
  /** It cannot be rebuilt as it was. */
  | { readonly kind: "other"; readonly error: MlforgeError<"SYNC_MISMATCH"> };

/**
 * Checks whether the data of a feature's latest version exists. If it is missing, checks that the definition and the source data are the recorded
 * ones.
 */
export async function lookForMissing(
  feature: AnyFeature,
  context: BuildContext,
  known: KnownSources,
  { verify, signal }: { readonly verify?: boolean | undefined; readonly signal?: AbortSignal | undefined },
): Promise<Found> {
  const { store } = context;
  const { latest } = await observe({ store, feature: feature.name, signal });
  if (latest === undefined) return { kind: "unbuilt" };
  const files = await missingFiles(store, latest, { verify, signal });
  if (files.length === 0) return { kind: "present", version: latest.version };
  const prepared = await prepareFeature(feature, known, signal);
  const problems: string[] = [];
  if (prepared.planFingerprint !== latest.plan_fingerprint) problems.push("its definition has changed since it was built");
  const { fingerprint } = await known.hash([...prepared.sources.values()], signal);
  if (fingerprint !== latest.source_fingerprint) problems.push(`its source data has changed since it was built (${latest.source})`);
  if (problems.length > 0) return { kind: "other", error: syncMismatch(latest, problems) };
  return { kind: "missing", missing: { metadata: latest, files, prepared } };
}

export function syncMismatch({ name, version }: VersionMetadata, problems: readonly string[]): MlforgeError<"SYNC_MISMATCH"> {
  return new MlforgeError(
    "SYNC_MISMATCH",
    `version ${version} of feature "${name}" cannot be rebuilt as it was: ${problems.join("; ")}; restore the original, or publish a new version with mlforge sync --force`,
    { feature: name, version, problems },
  );
}
