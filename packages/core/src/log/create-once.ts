import { isMlforgeError, MlforgeError, type PutOptions, type Store } from "@mlforge/spec";
import * as v from "valibot";
import { attempt } from "./attempt.js";
import { encodeReadable, readDocument } from "./document.js";

/** The part that decides who created a document. */
const committedSchema: v.GenericSchema<unknown, { commit_id: string }> = v.object({ commit_id: v.string() });

/**
 * Creates a JSON object that contains a commit id, if its key is free.
 *
 * The document must match the schema of its readers. A conflict can be caused by our own earlier success whose reply was lost, so the stored commit id decides who won.
 */
export async function createOnce<T extends { readonly commit_id: string }>(
  store: Store,
  key: string,
  value: T,
  schema: v.GenericSchema,
  options: Omit<PutOptions, "condition"> = {},
): Promise<"created" | "taken"> {
  const { signal } = options;
  const body = encodeReadable(key, value, schema);
  let attempts = 0;
  return attempt(async () => {
    attempts += 1;
    try {
      await store.put(key, body, { ...options, condition: { kind: "ifAbsent" } });
      return "created";
    } catch (error) {
      if (!isMlforgeError(error, "STORE_CONFLICT")) throw error;
      const winner = await readWinner(store, key, signal);
      if (winner === "unreadable" && attempts > 1) throw undecided(store, key, error);
      return winner === value.commit_id ? "created" : "taken";
    }
  }, signal);
}

/** Returns the commit id under a key, or `unreadable` if the credentials are write-only. */
async function readWinner(store: Store, key: string, signal?: AbortSignal): Promise<string | undefined> {
  if (!store.capabilities.readable) return "unreadable";
  try {
    return (await readDocument(store, key, committedSchema, signal))?.value.commit_id;
  } catch (error) {
    if (isMlforgeError(error, "STORE_ACCESS_DENIED")) return "unreadable";
    throw error;
  }
}

function undecided(store: Store, key: string, cause: unknown): MlforgeError<"STORE_UNAVAILABLE"> {
  const message = `"${key}" exists after a reply was lost, and these credentials cannot read who wrote it; check it with credentials that can read`;
  return new MlforgeError("STORE_UNAVAILABLE", message, { store: store.name, operation: "put" }, { cause });
}
