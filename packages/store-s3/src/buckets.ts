import { MlforgeError, type Remote, type Store } from "@mlforge/spec";
import { checkBucket } from "./check-options.js";

/** Opens one store for each bucket that a URL names. */
export class Buckets implements Remote {
  readonly schemes: readonly string[] = ["s3"];
  readonly #stores = new Map<string, Store>();
  readonly #newStore: (bucket: string) => Store;

  constructor(newStore: (bucket: string) => Store) {
    this.#newStore = newStore;
  }

  /** Returns the store of the bucket, and the key, unchanged from the URL. @throws USAGE_INVALID if the URL has no bucket or no key */
  open(url: string): { readonly store: Store; readonly key: string } {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/is.exec(url) ?? [];
    if (bucket === undefined || key === undefined) {
      const message = `${JSON.stringify(url)} does not name an object in a bucket; write it as s3://bucket/key`;
      throw new MlforgeError("USAGE_INVALID", message, { argument: "url" });
    }
    checkBucket(bucket);
    const store = this.#stores.get(bucket) ?? this.#newStore(bucket);
    this.#stores.set(bucket, store);
    return { store, key };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#stores.values()].map((store) => store[Symbol.asyncDispose]()));
    this.#stores.clear();
  }
}
