import { readFile } from "node:fs/promises";
import {
  type CallOptions,
  type CopyOptions,
  checkStoreKey,
  checkStorePrefix,
  compareStoreKeys,
  cutRange,
  type GetOptions,
  type GetResult,
  type ListEntry,
  type ListOptions,
  MlforgeError,
  type ObjectInfo,
  type PutBody,
  type PutCondition,
  type PutOptions,
  type Store,
  type StoreCapabilities,
  type StoredObject,
} from "@mlforge/spec";

export interface MemoryStoreOptions {
  /** Supports conditions (`full`) or refuses them (`none`). Defaults to `full`. */
  readonly conditionalPut?: StoreCapabilities["conditionalPut"] | undefined;
  /** The clock of the store. Defaults to the system clock. */
  readonly now?: (() => Date) | undefined;
}

/** The reference implementation of `Store`: objects live in this process and end with it. */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options);
}

interface Entry {
  readonly info: ObjectInfo;
  readonly bytes: Uint8Array;
}

class MemoryStore implements Store {
  readonly specVersion = 1;
  readonly name = "memory";
  readonly capabilities: StoreCapabilities;
  readonly #objects = new Map<string, Entry>();
  readonly #now: () => Date;
  #puts = 0;

  constructor({ conditionalPut = "full", now = () => new Date() }: MemoryStoreOptions) {
    this.capabilities = { conditionalPut, workingTree: false, readable: true };
    this.#now = now;
  }

  async head(key: string, options: CallOptions = {}): Promise<ObjectInfo> {
    options.signal?.throwIfAborted();
    return this.#find(key).info;
  }

  async get(key: string, options: GetOptions = {}): Promise<GetResult> {
    options.signal?.throwIfAborted();
    const { info, bytes } = this.#find(key);
    const { start, end } = cutRange(options.range, info.size);
    return { info, body: chunks(bytes.subarray(start, end), options.signal), [Symbol.asyncDispose]: async () => {} };
  }

  async put(key: string, body: PutBody, options: PutOptions = {}): Promise<StoredObject> {
    options.signal?.throwIfAborted();
    checkStoreKey(this.name, key);
    if (options.condition !== undefined && this.capabilities.conditionalPut === "none") throw this.#refusal(options.condition);
    const bytes = body instanceof Uint8Array ? body.slice() : new Uint8Array(await readFile(body.file));
    options.signal?.throwIfAborted();
    return this.#write(key, bytes, options.condition);
  }

  async copy(from: string, to: string, options: CopyOptions = {}): Promise<StoredObject> {
    options.signal?.throwIfAborted();
    checkStoreKey(this.name, to);
    if (options.condition !== undefined && this.capabilities.conditionalPut === "none") throw this.#refusal(options.condition);
    const { info, bytes } = this.#find(from);
    if (options.sourceEtag !== undefined) this.#checkCondition(from, { kind: "ifMatch", etag: options.sourceEtag });
    return from === to && options.condition === undefined ? info : this.#write(to, bytes, options.condition);
  }

  async delete(key: string, options: CallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    checkStoreKey(this.name, key);
    this.#objects.delete(key);
  }

  async *list(prefix: string, options: ListOptions = {}): AsyncGenerator<ListEntry, void, undefined> {
    checkStorePrefix(this.name, prefix);
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareStoreKeys);
    let folder: string | undefined;
    for (const key of keys) {
      options.signal?.throwIfAborted();
      if (folder !== undefined && key.startsWith(folder)) continue;
      const slash = options.depth === "children" ? key.indexOf("/", prefix.length) : -1;
      if (slash >= 0) {
        folder = key.slice(0, slash + 1);
        yield { kind: "prefix", prefix: folder };
        continue;
      }
      const found = this.#objects.get(key);
      if (found !== undefined) yield { kind: "object", info: found.info };
    }
  }

  locate(key: string): string {
    checkStoreKey(this.name, key);
    return `memory:///${key.split("/").map(encodeURIComponent).join("/")}`;
  }

  async clock(): Promise<Date> {
    return this.#now();
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #write(key: string, bytes: Uint8Array, condition: PutCondition | undefined): ObjectInfo {
    this.#checkCondition(key, condition);
    this.#puts += 1;
    const info: ObjectInfo = { key, size: bytes.length, etag: `${this.#puts}`, modifiedAt: this.#now() };
    this.#objects.set(key, { info, bytes });
    return info;
  }

  #find(key: string): Entry {
    checkStoreKey(this.name, key);
    const found = this.#objects.get(key);
    if (found !== undefined) return found;
    throw new MlforgeError("STORE_NOT_FOUND", `no object ${JSON.stringify(key)} in the store in memory; check the key`, {
      store: this.name,
      key,
    });
  }

  #checkCondition(key: string, condition: PutCondition | undefined): void {
    if (condition === undefined) return;
    const etag = this.#objects.get(key)?.info.etag;
    if (condition.kind === "ifAbsent" ? etag === undefined : etag === condition.etag) return;
    const wanted = condition.kind === "ifAbsent" ? "be absent" : `have the etag ${condition.etag}`;
    const found = etag === undefined ? "is absent" : `has the etag ${etag}`;
    throw new MlforgeError("STORE_CONFLICT", `${JSON.stringify(key)} should ${wanted} but ${found}; read it again and decide again`, {
      store: this.name,
      key,
    });
  }

  #refusal(condition: PutCondition): MlforgeError {
    return new MlforgeError("CAPABILITY_MISSING", `this store in memory offers no ${condition.kind}; open it with conditionalPut "full"`, {
      plugin: this.name,
      capability: `conditionalPut: ${condition.kind}`,
    });
  }
}

const chunkBytes = 65_536;

async function* chunks(bytes: Uint8Array, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    signal?.throwIfAborted();
    yield bytes.slice(start, start + chunkBytes);
  }
}
