import { type CallOptions, isMlforgeError, MlforgeError, type Store } from "@mlforge/spec";

/** How the clock of this machine compares with the clock of the store. */
export interface ClockReport {
  /** The name of the store, such as `s3`. */
  readonly store: string;
  /** The number of seconds that this machine is ahead, or behind if negative. Null if the time of the store is unknown. */
  readonly skew: number | null;
  /** True if the clocks are within five minutes of each other, or if the time of the store is unknown. */
  readonly passed: boolean;
  /** The result, and what to do if there is a problem. */
  readonly message: string;
}

/** Beyond this, services refuse signed requests, and times in histories are misleading. */
const mostSeconds = 300;

/** Compares the clock of this machine with the clock of the store. */
export async function checkClock(store: Store, now: () => Date, options: CallOptions): Promise<ClockReport> {
  options.signal?.throwIfAborted();
  const unknown = (message: string): ClockReport => ({ store: store.name, skew: null, passed: true, message });
  if (store.clock === undefined) return unknown(`the ${store.name} store does not report its time`);
  const before = now().getTime();
  let theirs: Date;
  try {
    theirs = await store.clock(options);
  } catch (error) {
    if (!isMlforgeError(error, "STORE_ACCESS_DENIED", "STORE_FULL")) throw error;
    return unknown(`the time of the ${store.name} store is unknown: ${error.message}`);
  }
  const skew = Math.round((before + now().getTime()) / 2 - theirs.getTime()) / 1_000;
  if (Math.abs(skew) <= mostSeconds) return { store: store.name, skew, passed: true, message: `in sync with the ${store.name} store` };
  const message = `${Math.abs(skew)} seconds ${skew > 0 ? "ahead of" : "behind"} the ${store.name} store; set the clock of this machine`;
  return { store: store.name, skew, passed: false, message };
}

/**
 * Checks that the clock of this machine can measure the age of what a store holds. Passes if the time of the store is unknown.
 *
 * @throws CLOCK_SKEWED
 */
export async function expectSameClock(store: Store, now: () => Date, options: CallOptions): Promise<void> {
  const { skew, passed } = await checkClock(store, now, options);
  if (passed || skew === null) return;
  const apart = `${durationOf(Math.abs(skew))} ${skew > 0 ? "ahead of" : "behind"}`;
  const message = `the clock of this machine is ${apart} the clock of the ${store.name} store, so the age of versions is unknown and nothing was removed; set the clock`;
  throw new MlforgeError("CLOCK_SKEWED", message, { store: store.name });
}

const units = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

function durationOf(seconds: number): string {
  const [name, size] = units.find((unit) => seconds >= 2 * unit[1]) ?? ["second", 1];
  return `${Math.round(seconds / size)} ${name}s`;
}
