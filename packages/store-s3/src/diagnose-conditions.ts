import { isMlforgeError, type PermissionCheck } from "@mlforge/spec";
import type { BucketLocation } from "./bucket-location.js";
import type { PutSettings } from "./put-settings.js";
import { probeConditionalWrites } from "./write-support.js";

/** The action that keeps two builds from publishing over each other. It is not a permission, but a service without it is as useless as one that denies. */
const action = "conditional writes";

/** Tests again whether the service supports conditional writes, and ignores what an earlier process recorded. */
export async function diagnoseConditions(
  place: BucketLocation,
  headers: PutSettings["headers"],
  { mayPut, singleWriter }: { readonly mayPut: boolean; readonly singleWriter: boolean },
): Promise<PermissionCheck> {
  const neededFor = singleWriter ? [] : (["build"] as const);
  if (!mayPut) return { action, outcome: "unknown", neededFor, message: "not tested, because s3:PutObject is missing" };
  try {
    const { complete } = await probeConditionalWrites(place, headers);
    const message = complete
      ? "exactly one of several racing creations of an object won, and exactly one of several racing replacements, in each round"
      : "exactly one of several racing creations of an object won; If-Match was not tried, for want of s3:GetObject";
    return { action, outcome: "allowed", neededFor, message };
  } catch (error) {
    if (isMlforgeError(error, "CAPABILITY_MISSING")) return { action, outcome: "denied", neededFor, message: error.message };
    throw error;
  }
}
