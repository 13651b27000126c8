import { setMaxListeners } from "node:events";

/**
 * Returns a signal that aborts with the first of several. Any number of listeners can wait for it: Node calls more than ten a leak, and
 * however many features there are, each listens to its caller's signal. The caller's own signal gets no listener.
 */
export function sharedSignal(signals: readonly AbortSignal[]): AbortSignal {
  const shared = AbortSignal.any([...signals]);
  setMaxListeners(0, shared);
  return shared;
}
