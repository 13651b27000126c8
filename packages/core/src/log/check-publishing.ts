import { MlforgeError, type Store } from "@mlforge/spec";
import { attempt } from "./attempt.js";

/** Checks that a store can publish, before anything is computed for it. @throws CAPABILITY_MISSING, STORE_ACCESS_DENIED */
export async function checkPublishing(store: Store, signal?: AbortSignal): Promise<void> {
  if (store.capabilities.conditionalPut === "none") {
    const message = `the ${store.name} store has no conditional puts, which keep two builds from publishing over each other; use a store that has them`;
    throw new MlforgeError("CAPABILITY_MISSING", message, { plugin: store.name, capability: "conditionalPut" });
  }
  await attempt(async () => store.checkConditionalPut?.({ signal }), signal);
}
