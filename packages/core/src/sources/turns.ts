import { setImmediate } from "node:timers/promises";

const turnMs = 10;

/**
 * Splits many short synchronous calls into turns, so that signals and other work do not wait for all of them.
 *
 * An asynchronous call of the file system costs about ten times as much as a synchronous one, which shows with thousands of small files.
 */
export class Turns {
  #began = performance.now();

  /** Lets others work if this turn has taken long enough. @throws the reason of `signal` if it is aborted */
  async next(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (performance.now() - this.#began < turnMs) return;
    await setImmediate();
    signal?.throwIfAborted();
    this.#began = performance.now();
  }
}
