import { isMlforgeError } from "@mlforge/spec";
import pRetry from "p-retry";

/**
 * Runs an operation that may be repeated safely, again while the store is unavailable: five times, 50 to 800 ms apart with jitter.
 *
 * Other errors, and the last one, pass as they are.
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
