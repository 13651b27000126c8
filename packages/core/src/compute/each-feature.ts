import pMap from "p-map";
import { type FailedFeature, failedFeature } from "./failed-feature.js";

/** How many features are read at a time, which is mostly waiting for the store and for files. */
export const readConcurrency = 16;

/** What became of one feature. `cancelled`: another one failed, and the caller wanted to stop there. */
export type Settled<R> =
  | { readonly kind: "done"; readonly result: R }
  | { readonly kind: "failed"; readonly result: FailedFeature }
  | { readonly kind: "cancelled"; readonly feature: string };

export interface EachOptions<R> {
  /** How many at a time. */
  readonly concurrency: number;
  /** The first failure stops what has not ended. */
  readonly stop?: AbortController | undefined;
  /** Ends it all. */
  readonly signal?: AbortSignal | undefined;
  /** Called as each one ends. */
  readonly onSettled?: ((settled: Settled<R>) => void) | undefined;
}

/**
 * Works on features, some at a time, and gives what became of each, in their order. A failure is recorded and the others go on.
 *
 * An abort rejects with its reason once everything has come to rest.
 */
export async function eachFeature<T extends { readonly name: string }, R>(
  features: readonly T[],
  work: (feature: T, signal: AbortSignal | undefined) => Promise<R>,
  { concurrency, stop, signal, onSettled }: EachOptions<R>,
): Promise<readonly Settled<R>[]> {
  const signals = [signal, stop?.signal].filter((each) => each !== undefined);
  const either = signals.length > 1 ? AbortSignal.any(signals) : signals[0];
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
