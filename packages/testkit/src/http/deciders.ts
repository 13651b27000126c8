import { randomFrom } from "../store/random.js";
import type { Decide, Fault } from "./fault.js";

/** The request of this index, from 0, and no other gets the fault. */
export function faultAt(index: number, fault: Fault): Decide {
  return (request) => (request.index === index ? fault : undefined);
}

/** A request gets one of the faults with this probability, 0 to 1: the same for the same seed and number of the request. */
export function randomFaults(options: { readonly seed: number; readonly probability: number; readonly faults: readonly Fault[] }): Decide {
  const random = randomFrom(options.seed);
  return () => {
    // Always two numbers, so that what one request draws does not move the others.
    const [happens, which] = [random(), random()];
    return happens < options.probability ? options.faults[Math.floor(which * options.faults.length)] : undefined;
  };
}
