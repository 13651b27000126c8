import { channel } from "node:diagnostics_channel";
import { isMlforgeError, type StoreRetry, storeRetryChannel } from "@mlforge/spec";
import pRetry from "p-retry";

const retries = channel(storeRetryChannel);

/**
 * Runs an operation that is safe to repeat. Retries while the store is unavailable: five times, 50 to 800 ms apart with jitter. Does not retry if the
 * store gave up.
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
    shouldRetry: ({ error }) => {
      if (!isMlforgeError(error, "STORE_UNAVAILABLE") || error.details.gaveUp === true) return false;
      const retry: StoreRetry = { store: error.details.store, problem: error.message.replace(/; try again$/, "") };
      retries.publish(retry);
      return true;
    },
  });
}
