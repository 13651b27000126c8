import type { ObjectInfo } from "@mlforge/spec";
import type * as v from "valibot";
import { claimSchema } from "../log/claim.js";
import { examineDocument } from "./examine-document.js";
import type { Findings } from "./findings.js";
import type { VerifyRun } from "./run.js";
import { usableDocument } from "./usable-document.js";

export type ClaimContent = v.InferOutput<typeof claimSchema>;

/** Examines a claim. Returns its content if it is valid. */
export async function verifyClaim(
  { store, signal }: VerifyRun,
  feature: string,
  version: string,
  { key }: ObjectInfo,
  findings: Findings,
): Promise<ClaimContent | undefined> {
  const subject = { feature, version, key };
  const read = await examineDocument(store, key, { schema: claimSchema, isForeign: () => false }, signal);
  const keep = "Restore it from a backup. If there is none, keep it: it prevents its number from being used again";
  const examined = usableDocument(read, subject, { kind: "claim-invalid", fix: keep }, findings);
  if (examined?.kind !== "sound") return undefined;
  const { value } = examined;
  if (value.feature === feature && value.version === version) return value;
  findings.problem("claim-misplaced", subject, `it is the claim of ${value.feature} ${value.version}`, keep);
  return undefined;
}

/** How long a claim can exist without metadata before its build is considered abandoned. */
const graceMs = 24 * 60 * 60 * 1_000;

/** Returns true if a build may still hold this claim. Uses the time in the claim or the time of its object, whichever is older. */
export function isYoung(claim: ClaimContent | undefined, { modifiedAt }: ObjectInfo, now: Date): boolean {
  const claimedAt = Date.parse(claim?.claimed_at ?? "");
  const since = Math.min(modifiedAt.getTime(), Number.isNaN(claimedAt) ? Number.POSITIVE_INFINITY : claimedAt);
  return now.getTime() - since < graceMs;
}
