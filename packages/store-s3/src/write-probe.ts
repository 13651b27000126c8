import type { BucketLocation } from "./bucket-location.js";
import type { PutSettings } from "./put-settings.js";
import { probeConditionalWrites, type WriteSupport } from "./write-support.js";
import { readWriteSupport, writeWriteSupport } from "./write-support-record.js";

/** Tests what the service supports, or returns what an earlier call found. */
export type Probe<T> = (signal: AbortSignal | undefined) => Promise<T>;

/** Tests before the first conditional put that the service supports conditions. */
export function writeProbe(place: BucketLocation, readable: boolean, headers: PutSettings["headers"]): Probe<WriteSupport> {
  return once(() => prove(place, readable, headers));
}

/** Makes a test that runs at its first use, and again only after a failure. */
export function once<T>(probe: () => Promise<T>): Probe<T> {
  let probing: Promise<T> | undefined;
  return async (signal) => {
    if (probing === undefined) {
      const mine = probe();
      probing = mine;
      mine.catch(() => {
        if (probing === mine) probing = undefined;
      });
    }
    return unlessAborted(probing, signal);
  };
}

async function prove(place: BucketLocation, readable: boolean, headers: PutSettings["headers"]): Promise<WriteSupport> {
  const known = readable ? await readWriteSupport(place) : undefined;
  if (known !== undefined) return known;
  const support = await probeConditionalWrites(place, headers);
  if (readable && support.complete) await writeWriteSupport(place, support, headers);
  return support;
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
