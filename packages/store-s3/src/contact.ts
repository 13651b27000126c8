import type { Timeouts } from "./timeouts.js";

/** How long a service has not given a complete answer. All calls of a store share it, so that an outage is waited for once. */
export class Contact {
  readonly #timeouts: Timeouts;
  #lostAt: number | undefined;
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(timeouts: Timeouts) {
    this.#timeouts = timeouts;
  }

  answered(): void {
    this.#lostAt = undefined;
  }

  failed(startedAt: number): void {
    this.#lostAt ??= startedAt;
    this.#triedAt = performance.now();
  }

  /** True if the time for retries is used up. */
  get isLost(): boolean {
    return this.#left() <= 0;
  }

  /** Returns how long a request may wait for its answer. Returns 0 if another one has just waited in vain after the time for retries was used up. */
  patience(): number {
    const { answer } = this.#timeouts;
    if (!this.isLost) return Math.min(answer, this.#left());
    return performance.now() - this.#triedAt < answer ? 0 : answer;
  }

  #left(): number {
    return this.#lostAt === undefined ? Number.POSITIVE_INFINITY : this.#lostAt + this.#timeouts.retry - performance.now();
  }
}
