import { isMlforgeError } from "@mlforge/spec";
import pRetry from "p-retry";

/**
 * Runs an operation that is safe to repeat. Retries while the store is unavailable: five times, 50 to 800 ms apart with jitter.
 *
 * Throws other errors, and the last error, unchanged.
 */
export async function attempt<T>(operation: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  signal?.throwIfAborted();
  return pRetry(operation, {
    retries: 4,
    minTimeout: 50,
    maxTimeout: 800,
    randomize: true,
    ...(signal === undefined ? {} : { signal }),
    shouldRetry: ({ error }) => isMlforgeError(error, "STORE_UNAVAILABLE"),
  });
}
