import pMap from "p-map";
import { type FailedFeature, failedFeature } from "./failed-feature.js";
import { sharedSignal } from "./shared-signal.js";

/** The number of features to read at a time. Reading mostly waits for the store and for files. */
export const readConcurrency = 16;

/** The result of one feature. `cancelled` means that another feature failed and the caller wanted to stop at the first failure. */
export type Settled<R> =
  | { readonly kind: "done"; readonly result: R }
  | { readonly kind: "failed"; readonly result: FailedFeature }
  | { readonly kind: "cancelled"; readonly feature: string };

export interface EachOptions<R> {
  /** The number of features to process at a time. */
  readonly concurrency: number;
  /** Aborted at the first failure, which stops the remaining features. */
  readonly stop?: AbortController | undefined;
  /** Aborts everything. */
  readonly signal?: AbortSignal | undefined;
  /** Called when a feature ends. */
  readonly onSettled?: ((settled: Settled<R>) => void) | undefined;
}

/**
 * Processes features concurrently and returns their results in the order of the features. Records a failure and continues with the other features.
 *
 * An abort rejects with its reason after everything has stopped.
 */
export async function eachFeature<T extends { readonly name: string }, R>(
  features: readonly T[],
  work: (feature: T, signal: AbortSignal | undefined) => Promise<R>,
  { concurrency, stop, signal, onSettled }: EachOptions<R>,
): Promise<readonly Settled<R>[]> {
  const signals = [signal, stop?.signal].filter((each) => each !== undefined);
  const either = signals.length === 0 ? undefined : sharedSignal(signals);
  const isAborted = (): boolean => either?.aborted === true;
  const settle = async (feature: T): Promise<Settled<R>> => {
    const { name } = feature;
    if (isAborted()) return { kind: "cancelled", feature: name };
    try {
      return { kind: "done", result: await work(feature, either) };
    } catch (error) {
      if (isAborted()) return { kind: "cancelled", feature: name };
      stop?.abort(error);
      return { kind: "failed", result: failedFeature(name, error) };
    }
  };
  const settled = await pMap(
    features,
    async (feature) => {
      const each = await settle(feature);
      onSettled?.(each);
      return each;
    },
    { concurrency },
  );
  signal?.throwIfAborted();
  return settled;
}
