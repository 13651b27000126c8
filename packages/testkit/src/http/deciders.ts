import { randomFrom } from "../store/random.js";
import type { Decide, Fault } from "./fault.js";

/** Applies the fault only to the request with this index, from 0. */
export function faultAt(index: number, fault: Fault): Decide {
  return (request) => (request.index === index ? fault : undefined);
}

/** Applies one of the faults to each request with this probability, from 0 to 1. The same seed and request number give the same fault. */
export function randomFaults(options: { readonly seed: number; readonly probability: number; readonly faults: readonly Fault[] }): Decide {
  const random = randomFrom(options.seed);
  return () => {
    // Always draw two numbers, so that one request does not affect the others.
    const [happens, which] = [random(), random()];
    return happens < options.probability ? options.faults[Math.floor(which * options.faults.length)] : undefined;
  };
}
