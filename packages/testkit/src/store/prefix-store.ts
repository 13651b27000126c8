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
  type PermissionCheck,
  type PutBody,
  type PutOptions,
  type Remote,
  type StagingFolder,
  type Store,
  type StoreCapabilities,
  type StoredObject,
} from "@mlforge/spec";

/**
 * Makes a store from the part of another store below a prefix, which ends with `/`. Errors name the keys of the store inside.
 * Disposing of it disposes of the store inside.
 */
export function prefixStore(inner: Store, prefix: string): Store {
  checkStorePrefix(inner.name, prefix);
  return new PrefixStore(inner, prefix);
}

class PrefixStore implements Store {
  readonly specVersion = 1;
  readonly name: string;
  readonly capabilities: StoreCapabilities;
  readonly remote?: Remote;
  readonly stage?: () => Promise<StagingFolder>;
  readonly copy?: (from: string, to: string, options?: CopyOptions) => Promise<StoredObject>;
  readonly diagnose?: (options?: CallOptions) => Promise<readonly PermissionCheck[]>;
  readonly clock?: (options?: CallOptions) => Promise<Date>;
  readonly #inner: Store;
  readonly #prefix: string;

  constructor(inner: Store, prefix: string) {
    this.name = inner.name;
    this.capabilities = inner.capabilities;
    if (inner.remote !== undefined) this.remote = inner.remote;
    if (inner.stage !== undefined) this.stage = inner.stage.bind(inner);
    if (inner.diagnose !== undefined) this.diagnose = inner.diagnose.bind(inner);
    if (inner.clock !== undefined) this.clock = inner.clock.bind(inner);
    const copy = inner.copy?.bind(inner);
    if (copy !== undefined)
      this.copy = async (from, to, options) => this.#outer(await copy(this.#keyInside(from), this.#keyInside(to), options));
    this.#inner = inner;
    this.#prefix = prefix;
  }

  async head(key: string, options?: CallOptions): Promise<ObjectInfo> {
    return this.#outer(await this.#inner.head(this.#keyInside(key), options));
  }

  async get(key: string, options?: GetOptions): Promise<GetResult> {
    const result = await this.#inner.get(this.#keyInside(key), options);
    return { info: this.#outer(result.info), body: result.body, [Symbol.asyncDispose]: async () => result[Symbol.asyncDispose]() };
  }

  async put(key: string, body: PutBody, options?: PutOptions): Promise<StoredObject> {
    return this.#outer(await this.#inner.put(this.#keyInside(key), body, options));
  }

  async delete(key: string, options?: CallOptions): Promise<void> {
    await this.#inner.delete(this.#keyInside(key), options);
  }

  async *list(prefix: string, options?: ListOptions): AsyncGenerator<ListEntry, void, undefined> {
    checkStorePrefix(this.name, prefix);
    for await (const entry of this.#inner.list(this.#prefix + prefix, options)) {
      if (entry.kind === "object") yield { kind: "object", info: this.#outer(entry.info) };
      else yield { kind: "prefix", prefix: entry.prefix.slice(this.#prefix.length) };
    }
  }

  locate(key: string): string {
    return this.#inner.locate(this.#keyInside(key));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }

  #keyInside(key: string): string {
    checkStoreKey(this.name, key);
    return this.#prefix + key;
  }

  #outer<T extends StoredObject>(info: T): T {
    return { ...info, key: info.key.slice(this.#prefix.length) };
  }
}
