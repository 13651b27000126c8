import { type CallOptions, isMlforgeError, type Store } from "@mlforge/spec";

/** How the clock of this machine stands to that of the store. */
export interface ClockReport {
  /** The name of the store, such as `s3`. */
  readonly store: string;
  /** By how much this machine is ahead, negative where it is behind, in seconds; null where the store could not tell its time. */
  readonly skew: number | null;
  /** Whether they are within five minutes of each other; so also where that could not be told. */
  readonly passed: boolean;
  /** What was seen, and what to do where it is wrong. */
  readonly message: string;
}

/** Above it services refuse signed requests, and times in histories mislead. */
const mostSeconds = 300;

/** Compares the clock of this machine with that of the store. */
export async function checkClock(store: Store, now: () => Date, options: CallOptions): Promise<ClockReport> {
  options.signal?.throwIfAborted();
  const unknown = (message: string): ClockReport => ({ store: store.name, skew: null, passed: true, message });
  if (store.clock === undefined) return unknown(`the store ${store.name} does not tell its time`);
  const before = now().getTime();
  let theirs: Date;
  try {
    theirs = await store.clock(options);
  } catch (error) {
    if (!isMlforgeError(error, "STORE_ACCESS_DENIED", "STORE_FULL")) throw error;
    return unknown(`the time of the store ${store.name} could not be told: ${error.message}`);
  }
  const skew = Math.round((before + now().getTime()) / 2 - theirs.getTime()) / 1_000;
  if (Math.abs(skew) <= mostSeconds)
    return { store: store.name, skew, passed: true, message: `it is with that of the store ${store.name}` };
  const message = `it is ${Math.abs(skew)} seconds ${skew > 0 ? "ahead of" : "behind"} that of the store ${store.name}; set the clock of this machine`;
  return { store: store.name, skew, passed: false, message };
}
