import { isMlforgeError, MlforgeError, type PutOptions, type Store } from "@mlforge/spec";
import * as v from "valibot";
import { attempt } from "./attempt.js";
import { createOnce } from "./create-once.js";
import { claimKey } from "./keys.js";
import { readMetadata } from "./metadata.js";
import { isVersion } from "./version.js";

/** The schema of `.claim.json`. */
export const claimSchema = v.object({
  feature: v.string(),
  version: v.pipe(v.string(), v.check(isVersion, "is not X.Y.Z")),
  commit_id: v.string(),
  claimed_by: v.string(),
  claimed_at: v.string(),
});

/** A version number of a feature. */
export interface Claim {
  readonly feature: string;
  readonly version: string;
}

/** Who commits, for the claim and the history of the pointer. */
export interface Committer {
  /** Unique to this commit. Distinguishes our own writes from those of others. */
  readonly commitId: string;
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Claims a version number: from then on, no other build can publish under it. */
export function claimVersion(
  store: Store,
  claim: Claim,
  { commitId, by, at }: Committer,
  options?: Omit<PutOptions, "condition">,
): Promise<"created" | "taken"> {
  const value = { feature: claim.feature, version: claim.version, commit_id: commitId, claimed_by: by, claimed_at: at };
  return createOnce(store, claimKey(claim.feature, claim.version), value, claimSchema, options);
}

/** Checks that a number is free. @throws VERSION_EXISTS if the number is claimed, or published (a Git clone has metadata without claims) */
export async function expectFree(store: Store, claim: Claim, signal?: AbortSignal): Promise<void> {
  const published = await readMetadata(store, claim.feature, claim.version, signal);
  if (published !== undefined || (await isClaimed(store, claim, signal))) throw versionExists(claim);
}

/** Returns true if a number is claimed. Takes one request. */
export async function isClaimed(store: Store, { feature, version }: Claim, signal?: AbortSignal): Promise<boolean> {
  try {
    await attempt(() => store.head(claimKey(feature, version), { signal }), signal);
    return true;
  } catch (error) {
    if (isMlforgeError(error, "STORE_NOT_FOUND")) return false;
    throw error;
  }
}

export function versionExists({ feature, version }: Claim): MlforgeError<"VERSION_EXISTS"> {
  return new MlforgeError(
    "VERSION_EXISTS",
    `version ${version} of feature "${feature}" exists or is claimed, and versions are never overwritten; choose another number`,
    { feature, version },
  );
}
