import { isMlforgeError, type PermissionCheck } from "@mlforge/spec";
import type { Place } from "./place.js";
import { proveConditions } from "./proof.js";
import type { PutSettings } from "./put-settings.js";

/** What keeps two builds from publishing over each other. It is no permission, but a service that lacks it is as good as one that denies. */
const action = "conditional writes";

/** Tries anew whether the service holds the conditions of writes, whatever an earlier process recorded. */
export async function diagnoseConditions(
  place: Place,
  headers: PutSettings["headers"],
  { mayPut, singleWriter }: { readonly mayPut: boolean; readonly singleWriter: boolean },
): Promise<PermissionCheck> {
  const neededFor = singleWriter ? [] : (["build"] as const);
  if (!mayPut) return { action, outcome: "unknown", neededFor, message: "nothing could be put to try them with, for want of s3:PutObject" };
  try {
    const { complete } = await proveConditions(place, headers);
    const untried = complete ? "" : "; If-Match was not tried, for want of s3:GetObject";
    return { action, outcome: "allowed", neededFor, message: `of racing creations of one object one won${untried}` };
  } catch (error) {
    if (isMlforgeError(error, "CAPABILITY_MISSING")) return { action, outcome: "denied", neededFor, message: error.message };
    throw error;
  }
}
