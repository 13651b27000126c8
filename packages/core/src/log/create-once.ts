import { isMlforgeError, type Store } from "@mlforge/spec";
import * as v from "valibot";
import { attempt } from "./attempt.js";
import { encodeDocument, readDocument } from "./document.js";

const committed: v.GenericSchema<unknown, { commit_id: string }> = v.object({ commit_id: v.string() });

/**
 * Creates a JSON object that carries a commit id, if its key is free.
 *
 * A conflict may be our own earlier success whose reply was lost, so the commit id that is there decides who won.
 */
export async function createOnce<T extends { readonly commit_id: string }>(
  store: Store,
  key: string,
  value: T,
  signal?: AbortSignal,
): Promise<"created" | "taken"> {
  const body = encodeDocument(value);
  return attempt(async () => {
    try {
      await store.put(key, body, { condition: { kind: "ifAbsent" }, signal });
      return "created";
    } catch (error) {
      if (!isMlforgeError(error, "STORE_CONFLICT")) throw error;
      const winner = await readDocument(store, key, committed, signal);
      return winner?.value.commit_id === value.commit_id ? "created" : "taken";
    }
  }, signal);
}
