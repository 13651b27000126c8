import { setImmediate } from "node:timers/promises";
import { MlforgeError, type Store } from "@mlforge/spec";
import { interceptStore, type StoreOperation } from "./intercept-store.js";
import { randomFrom } from "./random.js";

export interface FaultyStoreOptions {
  /** An integer. The same seed and the same order of calls give the same faults. */
  readonly seed: number;
  /** The probability, from 0 to 1, that a call fails without being carried out. Defaults to 0. */
  readonly failBefore?: number | undefined;
  /** The probability, from 0 to 1, that a call fails after being carried out. Defaults to 0. */
  readonly failAfter?: number | undefined;
  /** The maximum number of turns that each call waits, before and after being carried out. Defaults to 0. */
  readonly maxDelay?: number | undefined;
  /** Waits for one turn. Defaults to a turn of the event loop. Another scheduler can decide the order of concurrent calls. */
  readonly turn?: (() => Promise<unknown>) | undefined;
  /** Returns true for calls that can be delayed or fail. Defaults to all calls. */
  readonly affects?: ((operation: StoreOperation) => boolean) | undefined;
}

/** Wraps a store so that calls are delayed, or fail with STORE_UNAVAILABLE before or after being carried out. */
export function faultyStore(inner: Store, options: FaultyStoreOptions): Store {
  const { failBefore = 0, failAfter = 0, maxDelay = 0, turn = () => setImmediate(), affects = () => true } = options;
  const random = randomFrom(options.seed);
  return interceptStore(inner, async ({ phase, operation }) => {
    if (!affects(operation)) return;
    const [delay, fault] = [Math.floor(random() * (maxDelay + 1)), random()];
    for (let i = 0; i < delay; i++) await turn();
    if (fault >= (phase === "before" ? failBefore : failAfter)) return;
    throw new MlforgeError(
      "STORE_UNAVAILABLE",
      `injected: ${operation.name} of ${JSON.stringify(operation.key)} failed ${phase} it was carried out; try again`,
      { store: inner.name, operation: operation.name },
    );
  });
}
