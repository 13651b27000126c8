import type { ObjectInfo } from "@mlforge/spec";
import pLimit, { type LimitFunction } from "p-limit";
import { hashObject } from "../log/hash-object.js";
import type { VerifyRun } from "./run.js";

/** The maximum number of data files to read concurrently, over all features. */
const concurrency = 4;

type Read = Awaited<ReturnType<typeof hashObject>>;

/** Reads data files concurrently, each state of a file once, and reports progress. */
export class DataReader {
  readonly #run: VerifyRun;
  readonly #limit: LimitFunction = pLimit(concurrency);
  #files = 0;
  #bytes = 0;

  constructor(run: VerifyRun) {
    this.#run = run;
  }

  /** Returns the current size and SHA-256 of an object, or undefined if it no longer exists. */
  read(feature: string, { key }: ObjectInfo): Promise<Read> {
    const { store, signal, onProgress } = this.#run;
    return this.#limit(async () => {
      signal?.throwIfAborted();
      let told = 0;
      const onBytes = (bytes: number): void => {
        this.#bytes += bytes - told;
        told = bytes;
        onProgress?.({ feature, files: this.#files, bytes: this.#bytes });
      };
      const read = await hashObject(store, key, { onBytes, signal });
      this.#files += 1;
      onProgress?.({ feature, files: this.#files, bytes: this.#bytes });
      return read;
    });
  }
}
