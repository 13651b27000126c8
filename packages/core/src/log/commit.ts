import type { Store } from "@mlforge/spec";
import { createOnce } from "./create-once.js";
import { claimKey, metadataKey } from "./keys.js";
import { readMetadata, type VersionMetadata } from "./metadata.js";
import { putData, type StagedFile } from "./put-data.js";

/** Who commits, for the claim and the pointer's history. */
export interface Committer {
  /** Unique to this commit; tells our own writes from a rival's. */
  readonly commitId: string;
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** A version number nobody else can publish under. */
export interface Claim {
  readonly feature: string;
  readonly version: string;
}

/** Takes a version number for this commit. `taken`: it is claimed, or its metadata exists (a Git clone has only that). */
export async function claimVersion(store: Store, claim: Claim, committer: Committer, signal?: AbortSignal): Promise<"claimed" | "taken"> {
  const created = await createOnce(
    store,
    claimKey(claim.feature, claim.version),
    { commit_id: committer.commitId, ...claim, claimed_by: committer.by, claimed_at: committer.at },
    signal,
  );
  return created === "created" ? "claimed" : "taken";
}

/**
 * Publishes a claimed version: its data, then its metadata, whose creation is the commit point.
 *
 * Only the holder of the claim calls this, so nothing can overwrite the data, not even a writer that woke up late.
 */
export async function publishVersion(
  store: Store,
  claim: Claim,
  files: readonly StagedFile[],
  metadata: VersionMetadata,
  signal?: AbortSignal,
): Promise<"published" | "taken"> {
  for (const file of files) await putData(store, claim, file, signal);
  const created = await createOnce(store, metadataKey(claim.feature, claim.version), metadata, signal);
  return created === "created" ? "published" : "taken";
}

/** The published version that is exactly what a build would make and that was never latest, if its number is this one. */
export async function findUnpromoted(
  store: Store,
  claim: Claim,
  wouldBuild: Pick<VersionMetadata, "plan_fingerprint" | "source_fingerprint">,
  promoted: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<{ readonly taken: false } | { readonly taken: true; readonly promotable?: VersionMetadata }> {
  const found = await readMetadata(store, claim.feature, claim.version, signal);
  if (found === undefined) return { taken: false };
  const same = found.plan_fingerprint === wouldBuild.plan_fingerprint && found.source_fingerprint === wouldBuild.source_fingerprint;
  return same && !promoted.has(claim.version) ? { taken: true, promotable: found } : { taken: true };
}
