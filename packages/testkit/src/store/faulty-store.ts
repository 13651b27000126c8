import { setImmediate } from "node:timers/promises";
import { MlforgeError, type Store } from "@mlforge/spec";
import { interceptStore, type StoreOperation } from "./intercept-store.js";
import { randomFrom } from "./random.js";

export interface FaultyStoreOptions {
  /** An integer. The same seed and the same order of calls give the same faults. */
  readonly seed: number;
  /** How probable it is that a call fails and is not carried out, from 0 to 1. 0 unless told. */
  readonly failBefore?: number | undefined;
  /** How probable it is that a call fails though it was carried out, from 0 to 1. 0 unless told. */
  readonly failAfter?: number | undefined;
  /** Each call waits this many turns at most, before it is carried out and after it. 0 unless told. */
  readonly maxDelay?: number | undefined;
  /** Waits for one turn; of the event loop unless told. Another scheduler makes the order of concurrent calls its own. */
  readonly turn?: (() => Promise<unknown>) | undefined;
  /** Which calls may be delayed or fail; all of them unless told. */
  readonly affects?: ((operation: StoreOperation) => boolean) | undefined;
}

/** A store whose calls are late or fail with STORE_UNAVAILABLE, before or after they were carried out. */
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
