import { isMlforgeError, type Store } from "@mlforge/spec";
import { attempt } from "../log/attempt.js";

/** How to fix an object that cannot be read. */
export const unreadableFix = "Grant this user read access to it, or replace it from a backup. Then verify again: mlforge verify";

/**
 * Returns why an object cannot be read if the error concerns this object, so that the verification can go on.
 *
 * A store that cannot list its objects either is not available: rethrows the error.
 */
export async function whyUnreadable(error: unknown, store: Store, signal?: AbortSignal): Promise<string> {
  if (!isMlforgeError(error, "STORE_ACCESS_DENIED", "STORE_UNAVAILABLE", "STORE_KEY_INVALID")) throw error;
  try {
    await attempt(() => answers(store, signal), signal);
  } catch {
    throw error;
  }
  return `it cannot be read: ${error.message}`;
}

async function answers(store: Store, signal?: AbortSignal): Promise<void> {
  for await (const _ of store.list("", { depth: "children", signal })) return;
}
