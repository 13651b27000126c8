import { ok } from "node:assert/strict";
import * as fc from "fast-check";

const timeLimitMs = 40_000;

/**
 * Asserts a property that takes long, so that a slow engine passes as well: after a time, a fifth of the runs suffices. Shrinking ends then too, and the
 * error shows what it found.
 */
export async function assertInTime<T>(property: fc.IAsyncProperty<T>, numRuns: number): Promise<void> {
  const details = await fc.check(property, { numRuns, interruptAfterTimeLimit: timeLimitMs });
  if (details.failed) throw new Error(await fc.asyncDefaultReportMessage(details), { cause: details.errorInstance });
  ok(details.numRuns >= numRuns / 5, `only ${details.numRuns} of ${numRuns} runs ended within ${timeLimitMs / 1000} seconds`);
}
