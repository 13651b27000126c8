import type { Place } from "./place.js";
import { type Proof, proveConditions } from "./proof.js";
import { readProof, writeProof } from "./proof-record.js";
import type { PutSettings } from "./put-settings.js";

/** Tests once, before the first conditional write, that the service supports conditions. Tests again only after a failure. */
export function prover(
  place: Place,
  readable: boolean,
  headers: PutSettings["headers"],
): (signal: AbortSignal | undefined) => Promise<Proof> {
  let proving: Promise<Proof> | undefined;
  return async (signal) => {
    if (proving === undefined) {
      const mine = prove(place, readable, headers);
      proving = mine;
      mine.catch(() => {
        if (proving === mine) proving = undefined;
      });
    }
    return unlessAborted(proving, signal);
  };
}

async function prove(place: Place, readable: boolean, headers: PutSettings["headers"]): Promise<Proof> {
  const known = readable ? await readProof(place) : undefined;
  if (known !== undefined) return known;
  const proof = await proveConditions(place, headers);
  if (readable && proof.complete) await writeProof(place, proof, headers);
  return proof;
}

/** Waits for the shared test. If one caller gives up, the test continues for the others. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  const waiting = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { signal: waiting.signal });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    waiting.abort();
  }
}
