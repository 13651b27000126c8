import {
  type CallOptions,
  type CopyOptions,
  checkStoreKey,
  checkStorePrefix,
  type GetOptions,
  type GetResult,
  type ListEntry,
  type ListOptions,
  type ObjectInfo,
  type PutBody,
  type PutOptions,
  type Store,
  type StoredObject,
} from "@mlforge/spec";
import { WrappedStore } from "./wrapped-store.js";

/**
 * Makes a store from the part of another store below a prefix, which ends with `/`. Errors name the keys of the store inside.
 * Disposing of it disposes of the store inside.
 */
export function prefixStore(inner: Store, prefix: string): Store {
  checkStorePrefix(inner.name, prefix);
  return new PrefixStore(inner, prefix);
}

class PrefixStore extends WrappedStore implements Store {
  readonly copy?: (from: string, to: string, options?: CopyOptions) => Promise<StoredObject>;
  readonly #prefix: string;

  constructor(inner: Store, prefix: string) {
    super(inner);
    const copy = inner.copy?.bind(inner);
    if (copy !== undefined)
      this.copy = async (from, to, options) => this.#outer(await copy(this.#keyInside(from), this.#keyInside(to), options));
    this.#prefix = prefix;
  }

  async head(key: string, options?: CallOptions): Promise<ObjectInfo> {
    return this.#outer(await this.inner.head(this.#keyInside(key), options));
  }

  async get(key: string, options?: GetOptions): Promise<GetResult> {
    const result = await this.inner.get(this.#keyInside(key), options);
    return { info: this.#outer(result.info), body: result.body, [Symbol.asyncDispose]: async () => result[Symbol.asyncDispose]() };
  }

  async put(key: string, body: PutBody, options?: PutOptions): Promise<StoredObject> {
    return this.#outer(await this.inner.put(this.#keyInside(key), body, options));
  }

  async delete(key: string, options?: CallOptions): Promise<void> {
    await this.inner.delete(this.#keyInside(key), options);
  }

  async *list(prefix: string, options?: ListOptions): AsyncGenerator<ListEntry, void, undefined> {
    checkStorePrefix(this.name, prefix);
    for await (const entry of this.inner.list(this.#prefix + prefix, options)) {
      if (entry.kind === "object") yield { kind: "object", info: this.#outer(entry.info) };
      else yield { kind: "prefix", prefix: entry.prefix.slice(this.#prefix.length) };
    }
  }

  locate(key: string): string {
    return this.inner.locate(this.#keyInside(key));
  }

  #keyInside(key: string): string {
    checkStoreKey(this.name, key);
    return this.#prefix + key;
  }

  #outer<T extends StoredObject>(info: T): T {
    return { ...info, key: info.key.slice(this.#prefix.length) };
  }
}
