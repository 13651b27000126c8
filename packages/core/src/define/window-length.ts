import { definitionInvalid } from "./definition-issues.js";
import { parseDuration } from "./duration.js";

/** Returns the length of a window in microseconds. Undefined for `lifetime`. @throws DEFINITION_INVALID if it is not a multiple of `step` */
export function parseWindow(window: unknown, step: bigint, every: unknown): bigint | undefined {
  if (window === "lifetime") return undefined;
  const length = parseDuration(window);
  if (length % step === 0n) return length;
  throw definitionInvalid("window", `the window "${String(window)}" must be a multiple of every "${String(every)}"`);
}
