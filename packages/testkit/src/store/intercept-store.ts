import {
  type CallOptions,
  type CopyOptions,
  cutRange,
  type GetOptions,
  type GetResult,
  type ListEntry,
  type ListOptions,
  type ObjectInfo,
  type PutBody,
  type PutCondition,
  type PutOptions,
  type Store,
  type StoredObject,
} from "@mlforge/spec";
import { WrappedStore } from "./wrapped-store.js";

/** One call on a store. */
export interface StoreOperation {
  /** Counts the calls on this store, from 0. */
  readonly index: number;
  readonly name: "head" | "get" | "put" | "copy" | "delete" | "list";
  /** The key, the prefix of a `list`, or the target of a `copy`. */
  readonly key: string;
  /** The source of a `copy`. */
  readonly from?: string | undefined;
  readonly condition?: PutCondition | undefined;
}

/** A stage of a call. `bytes` is the number of bytes that a `put` stored or a `get` offers, and 0 for other calls. */
export type StoreEvent =
  | { readonly phase: "before"; readonly operation: StoreOperation }
  | { readonly phase: "after"; readonly operation: StoreOperation; readonly bytes: number };

/** Called and awaited before each call reaches the store, and after it was carried out. If it throws, the call rejects with that error. */
export type StoreHook = (event: StoreEvent) => void | Promise<void>;

/**
 * Wraps a store so that `hook` sees every call. A call that fails has no `after`. The `after` of a `list` comes when its
 * last entry was read. Disposing of the wrapper disposes of the store inside.
 */
export function interceptStore(inner: Store, hook: StoreHook): Store {
  return new InterceptStore(inner, hook);
}

class InterceptStore extends WrappedStore implements Store {
  readonly copy?: (from: string, to: string, options?: CopyOptions) => Promise<StoredObject>;
  readonly #hook: StoreHook;
  #calls = 0;

  constructor(inner: Store, hook: StoreHook) {
    super(inner);
    if (inner.copy !== undefined) this.copy = this.#copied(inner.copy.bind(inner));
    this.#hook = hook;
  }

  async head(key: string, options?: CallOptions): Promise<ObjectInfo> {
    const operation = this.#operation("head", key);
    await this.#hook({ phase: "before", operation });
    const info = await this.inner.head(key, options);
    await this.#hook({ phase: "after", operation, bytes: 0 });
    return info;
  }

  async get(key: string, options?: GetOptions): Promise<GetResult> {
    const operation = this.#operation("get", key);
    await this.#hook({ phase: "before", operation });
    const result = await this.inner.get(key, options);
    const { start, end } = cutRange(options?.range, result.info.size);
    try {
      await this.#hook({ phase: "after", operation, bytes: end - start });
    } catch (error) {
      await result[Symbol.asyncDispose]();
      throw error;
    }
    return result;
  }

  async put(key: string, body: PutBody, options?: PutOptions): Promise<StoredObject> {
    const operation = this.#operation("put", key, options?.condition);
    await this.#hook({ phase: "before", operation });
    const info = await this.inner.put(key, body, options);
    await this.#hook({ phase: "after", operation, bytes: info.size });
    return info;
  }

  async delete(key: string, options?: CallOptions): Promise<void> {
    const operation = this.#operation("delete", key);
    await this.#hook({ phase: "before", operation });
    await this.inner.delete(key, options);
    await this.#hook({ phase: "after", operation, bytes: 0 });
  }

  async *list(prefix: string, options?: ListOptions): AsyncGenerator<ListEntry, void, undefined> {
    const operation = this.#operation("list", prefix);
    await this.#hook({ phase: "before", operation });
    yield* this.inner.list(prefix, options);
    await this.#hook({ phase: "after", operation, bytes: 0 });
  }

  locate(key: string): string {
    return this.inner.locate(key);
  }

  #copied(copy: NonNullable<Store["copy"]>): NonNullable<Store["copy"]> {
    return async (from, to, options) => {
      const operation = { ...this.#operation("copy", to, options?.condition), from };
      await this.#hook({ phase: "before", operation });
      const info = await copy(from, to, options);
      await this.#hook({ phase: "after", operation, bytes: 0 });
      return info;
    };
  }

  #operation(name: StoreOperation["name"], key: string, condition?: PutCondition): StoreOperation {
    const operation = { index: this.#calls, name, key, condition };
    this.#calls += 1;
    return operation;
  }
}
