import { access, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  type CopyOptions,
  type GetResult,
  type ListEntry,
  MlforgeError,
  type PutBody,
  type PutOptions,
  type Store,
  type StoredObject,
} from "@mlforge/spec";
import { memoryStore } from "../src/store/index.js";

/** A store with one mistake, and a law that it breaks. */
export interface BrokenStore {
  readonly mistake: string;
  readonly breaks: string;
  readonly open: () => Store;
}

const conditions = { full: "full", none: "none" } as const;

/** The store in memory with some of its methods replaced. */
function altered(change: (inner: Store) => Partial<Store>, conditionalPut: keyof typeof conditions = "full"): () => Store {
  return () => {
    const inner = memoryStore({ conditionalPut });
    const whole: Store = {
      specVersion: 1,
      name: inner.name,
      capabilities: inner.capabilities,
      head: (key, options) => inner.head(key, options),
      get: (key, options) => inner.get(key, options),
      put: (key, body, options) => inner.put(key, body, options),
      copy: (from, to, options) => copyOf(inner, from, to, options),
      delete: (key, options) => inner.delete(key, options),
      list: (prefix, options) => inner.list(prefix, options),
      locate: (key) => inner.locate(key),
      [Symbol.asyncDispose]: async () => {},
    };
    return { ...whole, ...change(inner) };
  };
}

async function entriesOf(listing: AsyncIterable<ListEntry>): Promise<ListEntry[]> {
  const entries: ListEntry[] = [];
  for await (const entry of listing) entries.push(entry);
  return entries;
}

const nameOf = (entry: ListEntry): string => (entry.kind === "object" ? entry.info.key : entry.prefix);

async function bytesOf(body: PutBody): Promise<Uint8Array> {
  return body instanceof Uint8Array ? body : new Uint8Array(await readFile(body.file));
}

/** The result with another body. */
function withBody(result: GetResult, body: AsyncIterable<Uint8Array>): GetResult {
  return { info: result.info, body, [Symbol.asyncDispose]: async () => {} };
}

async function etagOf(store: Store, key: string): Promise<string | undefined> {
  return store.head(key).then(
    (info) => info.etag,
    () => undefined,
  );
}

const conflict = (key: string): MlforgeError => new MlforgeError("STORE_CONFLICT", "lost", { store: "memory", key });

/** Looks whether the condition holds, and writes later. */
async function checkThenPut(inner: Store, key: string, body: PutBody, options: PutOptions = {}) {
  const { condition, signal } = options;
  if (condition === undefined) return inner.put(key, body, options);
  const etag = await etagOf(inner, key);
  if (condition.kind === "ifAbsent" ? etag !== undefined : etag !== condition.etag) throw conflict(key);
  await setImmediate();
  return inner.put(key, body, { signal });
}

/** Copies as the store in memory does. */
function copyOf(inner: Store, from: string, to: string, options?: CopyOptions): Promise<StoredObject> {
  if (inner.copy === undefined) throw new TypeError("the store in memory copies");
  return inner.copy(from, to, options);
}

async function readAll(store: Store, key: string): Promise<Uint8Array> {
  const { body } = await store.get(key);
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Uint8Array.from(Buffer.concat(parts));
}

export const brokenStores: readonly BrokenStore[] = [
  {
    mistake: "checkConditionalPut leaves its probe",
    breaks: "checkConditionalPut says what a conditional put would do, and leaves nothing behind",
    open: altered((inner) => ({
      checkConditionalPut: async () => {
        await inner.put("probe", new Uint8Array(), { condition: { kind: "ifAbsent" } });
      },
    })),
  },
  {
    mistake: "list is unsorted",
    breaks: "list is in ascending order of the keys' UTF-8 bytes",
    open: altered((inner) => ({
      list: async function* (prefix, options) {
        yield* (await entriesOf(inner.list(prefix, options))).reverse();
      },
    })),
  },
  {
    mistake: "list is in the order of UTF-16",
    breaks: "list is in ascending order of the keys' UTF-8 bytes",
    open: altered((inner) => ({
      list: async function* (prefix, options) {
        yield* (await entriesOf(inner.list(prefix, options))).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
      },
    })),
  },
  {
    mistake: "list with depth children is in the order of folder names",
    breaks: "list with depth children is in ascending order of the UTF-8 bytes of keys and prefixes",
    open: altered((inner) => ({
      list: async function* (prefix, options) {
        const bare = (entry: ListEntry): string => nameOf(entry).replace(/\/$/, "");
        yield* (await entriesOf(inner.list(prefix, options))).sort((a, b) => (bare(a) < bare(b) ? -1 : 1));
      },
    })),
  },
  {
    mistake: "list stops after 1,000 keys",
    breaks: "list of more than 1,000 keys gives each once, in order",
    open: altered((inner) => ({
      list: async function* (prefix, options) {
        yield* (await entriesOf(inner.list(prefix, options))).slice(0, 1_000);
      },
    })),
  },
  {
    mistake: "list of a/ lists ab/c",
    breaks: "list of a/ lists neither ab/c nor a.b",
    open: altered((inner) => ({
      list: async function* (prefix, options) {
        for await (const entry of inner.list("", options)) if (nameOf(entry).startsWith(prefix.slice(0, -1))) yield entry;
      },
    })),
  },
  {
    mistake: "list ignores the depth",
    breaks: "list with depth children returns everything below the next slash as one prefix",
    open: altered((inner) => ({ list: (prefix, { signal } = {}) => inner.list(prefix, { signal }) })),
  },
  {
    mistake: "list takes any text for a prefix",
    breaks: "a prefix that does not end with a slash is refused with STORE_KEY_INVALID",
    open: altered((inner) => ({
      list: async function* (prefix, options) {
        for await (const entry of inner.list("", options)) if (nameOf(entry).startsWith(prefix)) yield entry;
      },
    })),
  },
  {
    mistake: "a list that is left early keeps its connection",
    breaks: "breaking out of a list leaves the store usable",
    open: altered((inner) => {
      let connections = 20;
      return {
        list: async function* (prefix, options) {
          if (connections === 0) throw new Error("no connection left");
          connections -= 1;
          yield* await entriesOf(inner.list(prefix, options));
          connections += 1;
        },
      };
    }),
  },
  {
    mistake: "a stream that is left early keeps its handle",
    breaks: "breaking out of a stream, or not reading it, leaves the store usable",
    open: altered((inner) => {
      let handles = 20;
      return {
        get: async (key, options) => {
          const result = await inner.get(key, options);
          if (handles === 0) throw new Error("no handle left");
          handles -= 1;
          const body = (async function* () {
            yield* result.body;
            handles += 1;
          })();
          return withBody(result, body);
        },
      };
    }),
  },
  {
    mistake: "ifAbsent is ignored",
    breaks: "ifAbsent of an existing key rejects with STORE_CONFLICT and leaves the object",
    open: altered((inner) => ({
      put: (key, body, options) => inner.put(key, body, options?.condition?.kind === "ifAbsent" ? { signal: options.signal } : options),
    })),
  },
  {
    mistake: "ifAbsent looks, then writes",
    breaks: "exactly one of several puts racing with ifAbsent wins, and its bytes stay",
    open: altered((inner) => ({ put: (key, body, options) => checkThenPut(inner, key, body, options) })),
  },
  {
    mistake: "a lost ifAbsent resolves",
    breaks: "exactly one of several puts racing with ifAbsent wins, and its bytes stay",
    open: altered((inner) => ({
      put: async (key, body, options) =>
        options?.condition?.kind === "ifAbsent"
          ? inner.put(key, body, options).catch(() => inner.head(key))
          : inner.put(key, body, options),
    })),
  },
  {
    mistake: "ifMatch is ignored",
    breaks: "ifMatch with the etag of an earlier state rejects with STORE_CONFLICT and leaves the object",
    open: altered((inner) => ({
      put: (key, body, options) => inner.put(key, body, options?.condition?.kind === "ifMatch" ? { signal: options.signal } : options),
    })),
  },
  {
    mistake: "ifMatch looks, then writes",
    breaks: "5 workers that each increment a counter 10 times by compare-and-swap count to 50",
    open: altered((inner) => ({ put: (key, body, options) => checkThenPut(inner, key, body, options) })),
  },
  {
    mistake: "ifMatch excludes other swaps but no put",
    breaks: "a put without condition is not lost to a racing compare-and-swap",
    open: altered((inner) => serialSwaps(inner)),
  },
  {
    mistake: "ifMatch excludes other swaps but no delete",
    breaks: "a delete is not lost to a racing compare-and-swap",
    open: altered((inner) => serialSwaps(inner)),
  },
  {
    mistake: "ifMatch of a missing key creates it",
    breaks: "ifMatch of a missing key rejects with STORE_CONFLICT and creates nothing",
    open: altered((inner) => ({
      put: async (key, body, options) =>
        (await etagOf(inner, key)) === undefined && options?.condition?.kind === "ifMatch"
          ? inner.put(key, body)
          : inner.put(key, body, options),
    })),
  },
  {
    mistake: "a write is visible in part, at first",
    breaks: "while an object is first written, a reader sees nothing or all of it",
    open: altered((inner) => ({ put: (key, body, options) => putInParts(inner, key, body, options) })),
  },
  {
    mistake: "a write is visible in part, over an old object",
    breaks: "a reader sees the whole old object or the whole new one",
    open: altered((inner) => ({ put: (key, body, options) => putInParts(inner, key, body, options) })),
  },
  {
    mistake: "a put resolves before it is done",
    breaks: "after a put resolves, get, head and list see it",
    open: altered((inner) => ({
      put: async (key, body, options) => {
        if ((await etagOf(inner, key)) === undefined) return inner.put(key, body, options);
        void setImmediate().then(() => inner.put(key, body, options).catch(() => {}));
        return inner.head(key);
      },
    })),
  },
  {
    mistake: "get gives what it gave before",
    breaks: "after a put resolves, get, head and list see it",
    open: altered((inner) => {
      const cache = new Map<string, Uint8Array>();
      return {
        get: async (key, options) => {
          const result = await inner.get(key, options);
          const parts: Uint8Array[] = [];
          for await (const part of result.body) parts.push(part);
          const cached = cache.get(key) ?? Uint8Array.from(Buffer.concat(parts));
          cache.set(key, cached);
          return withBody(result, oneOf(cached.slice()));
        },
      };
    }),
  },
  {
    mistake: "the etag is the size",
    breaks: "a changed object has a different etag, however quickly it changed",
    open: altered((inner) => {
      const bySize = <T extends { readonly size: number }>(info: T): T => ({ ...info, etag: `${info.size}` });
      return {
        head: async (key, options) => bySize(await inner.head(key, options)),
        put: async (key, body, options) => bySize(await inner.put(key, body, options)),
      };
    }),
  },
  {
    mistake: "the etag of a large object is that of its beginning",
    breaks: "a changed object of a mebibyte has a different etag than all before it",
    open: altered((inner) => ({
      put: async (key, body, options) => {
        const info = await inner.put(key, body, options);
        return info.size > 1_000_000 ? { ...info, etag: `${info.size}-${(await bytesOf(body)).subarray(0, 65_536).join()}` } : info;
      },
    })),
  },
  {
    mistake: "list gives other etags than head",
    breaks: "put, head, get and list report the same about an object",
    open: altered((inner) => ({
      list: async function* (prefix, options) {
        for await (const entry of inner.list(prefix, options)) {
          yield entry.kind === "object" ? { kind: "object", info: { ...entry.info, etag: `"${entry.info.etag}"` } } : entry;
        }
      },
    })),
  },
  {
    mistake: "a range has one byte too many",
    breaks: "get with a range: a range from the start",
    open: altered((inner) => ({
      get: (key, options) => {
        const range = options?.range;
        const wide = range !== undefined && "end" in range && range.end !== undefined ? { ...range, end: range.end + 1 } : range;
        return inner.get(key, { ...options, range: wide });
      },
    })),
  },
  {
    mistake: "a range tells its own size",
    breaks: "get with a range reports the size of the whole object",
    open: altered((inner) => ({
      get: async (key, options) => {
        const result = await inner.get(key, options);
        const range = options?.range;
        const size = range === undefined ? result.info.size : 1;
        return { ...result, info: { ...result.info, size }, [Symbol.asyncDispose]: async () => {} };
      },
    })),
  },
  {
    mistake: "a suffix is taken for a start",
    breaks: "get with a range: a suffix",
    open: altered((inner) => ({
      get: (key, options) => {
        const range = options?.range;
        return inner.get(key, { ...options, range: range !== undefined && "suffix" in range ? { start: range.suffix } : range });
      },
    })),
  },
  {
    mistake: "an empty range rejects",
    breaks: "get with a range: a range that starts at the end is empty",
    open: altered((inner) => ({
      get: async (key, options) => {
        const range = options?.range;
        const { size } = await inner.head(key, { signal: options?.signal });
        if (range !== undefined && "start" in range && range.start >= size) throw new Error("416 Range Not Satisfiable");
        return inner.get(key, options);
      },
    })),
  },
  {
    mistake: "a large object loses its last byte",
    breaks: "get returns the 5242881 bytes that put stored",
    open: altered((inner) => ({
      put: async (key, body, options) => inner.put(key, (await bytesOf(body)).subarray(0, 5 * 1024 * 1024), options),
    })),
  },
  {
    mistake: "put keeps the caller's bytes",
    breaks: "the bytes given to put can be reused after it resolves",
    open: altered((inner) => {
      const kept = new Map<string, Uint8Array>();
      return {
        put: async (key, body, options) => {
          kept.set(key, await bytesOf(body));
          return inner.put(key, body, options);
        },
        get: async (key, options) => withBody(await inner.get(key, options), oneOf(kept.get(key) ?? new Uint8Array())),
      };
    }),
  },
  {
    mistake: "get gives out the stored bytes themselves",
    breaks: "changing the bytes that get returned does not change the object",
    open: altered((inner) => {
      const kept = new Map<string, Uint8Array>();
      return {
        put: async (key, body, options) => {
          kept.set(key, (await bytesOf(body)).slice());
          return inner.put(key, body, options);
        },
        get: async (key, options) => withBody(await inner.get(key, options), oneOf(kept.get(key) ?? new Uint8Array())),
      };
    }),
  },
  {
    mistake: "get of a missing key is empty",
    breaks: "get and head of a missing key reject with STORE_NOT_FOUND",
    open: altered((inner) => ({
      get: async (key, options) => {
        if ((await etagOf(inner, key)) !== undefined) return inner.get(key, options);
        const info = { key, size: 0, etag: "", modifiedAt: new Date(0) };
        return { info, body: oneOf(new Uint8Array()), [Symbol.asyncDispose]: async () => {} };
      },
    })),
  },
  {
    mistake: "delete of a missing key rejects",
    breaks: "delete of a missing key resolves",
    open: altered((inner) => ({
      delete: async (key, options) => {
        await inner.head(key);
        await inner.delete(key, options);
      },
    })),
  },
  {
    mistake: "delete removes what lies below",
    breaks: "delete removes one object and nothing beside or below it",
    open: altered((inner) => ({
      delete: async (key, options) => {
        await inner.delete(key, options);
        for (const entry of await entriesOf(inner.list(`${key}/`))) await inner.delete(nameOf(entry), options);
      },
    })),
  },
  {
    mistake: "keys are taken apart from their normalisation",
    breaks: "keys that differ only in Unicode normalization never name one object",
    open: altered((inner) => renamed(inner, (key) => key.normalize("NFC"))),
  },
  {
    mistake: "keys are percent-decoded",
    breaks: "keys that differ only in percent-encoding never name one object",
    open: altered((inner) => renamed(inner, (key) => key.replace("%20", " "))),
  },
  {
    mistake: "keys are taken apart from their case",
    breaks: "keys that differ only in case never name one object",
    open: altered((inner) => renamed(inner, (key) => key.toLowerCase())),
  },
  {
    mistake: "a key may leave the store",
    breaks: "a key that has the segment .. is refused with STORE_KEY_INVALID",
    open: altered((inner) => renamed(inner, (key) => key.replace(/[^/]+\/\.\.\//, ""))),
  },
  {
    mistake: "an aborted call rejects with an error of its own",
    breaks: "every call with an aborted signal rejects with the signal's reason, and writes nothing",
    open: altered((inner) => ({
      head: (key, options) =>
        inner.head(key, options).catch((cause: unknown) => {
          throw options?.signal?.aborted === true ? new Error("aborted", { cause }) : cause;
        }),
    })),
  },
  {
    mistake: "an aborted delete deletes",
    breaks: "every call with an aborted signal rejects with the signal's reason, and writes nothing",
    open: altered((inner) => ({
      delete: async (key, options) => {
        await inner.delete(key);
        options?.signal?.throwIfAborted();
      },
    })),
  },
  {
    mistake: "a stream goes on when it is aborted",
    breaks: "a stream whose signal is aborted rejects with the signal's reason",
    open: altered((inner) => ({
      get: async (key, options) => {
        options?.signal?.throwIfAborted();
        return inner.get(key, { range: options?.range });
      },
    })),
  },
  {
    mistake: "a list goes on when it is aborted",
    breaks: "a list whose signal is aborted rejects with the signal's reason",
    open: altered((inner) => ({
      list: async function* (prefix, options) {
        options?.signal?.throwIfAborted();
        yield* inner.list(prefix, { depth: options?.depth });
      },
    })),
  },
  {
    mistake: "a file is not copied but referred to",
    breaks: "put from a file stores its bytes and keeps the file",
    open: altered((inner) => {
      const files = new Map<string, string>();
      return {
        put: async (key, body, options) => {
          if (!(body instanceof Uint8Array)) files.set(key, body.file);
          return inner.put(key, body, options);
        },
        get: async (key, options) => {
          const result = await inner.get(key, options);
          const file = files.get(key);
          return file === undefined ? result : withBody(result, oneOf(await bytesOf({ file })));
        },
      };
    }),
  },
  {
    mistake: "put from a missing file stores nothing and resolves",
    breaks: "put from a missing file rejects and stores nothing",
    open: altered((inner) => ({
      put: async (key, body, options) => {
        if (!(body instanceof Uint8Array)) {
          const there = await access(body.file).then(
            () => true,
            () => false,
          );
          if (!there) return { key, size: 0, etag: "0", modifiedAt: new Date() };
        }
        return inner.put(key, body, options);
      },
    })),
  },
  {
    mistake: "a moved file keeps its time",
    breaks: "put from a moved file is stamped with the time of the put, not of the file",
    open: altered((inner) => {
      const moved = new Set<string>();
      return {
        put: async (key, body, options) => {
          if (!(body instanceof Uint8Array)) moved.add(key);
          return inner.put(key, body, options);
        },
        head: async (key, options) => {
          const info = await inner.head(key, options);
          return moved.has(key) ? { ...info, modifiedAt: new Date(0) } : info;
        },
      };
    }),
  },
  {
    mistake: "a staging folder stays",
    breaks: "a staging folder, if offered, is new and empty, hidden from list, and deleted by disposing of it, twice if need be",
    open: altered(() => ({
      stage: async () => ({ path: await mkdtemp(join(tmpdir(), "mlforge-broken-")), [Symbol.asyncDispose]: async () => {} }),
    })),
  },
  {
    mistake: "it declares what it has not",
    breaks: "has the capabilities it declares",
    open: altered(() => ({ capabilities: { conditionalPut: "full", workingTree: true, readable: true } })),
  },
  {
    mistake: "disposing of it twice rejects",
    breaks: "disposing of a store twice resolves",
    open: altered(() => {
      let open = true;
      return {
        [Symbol.asyncDispose]: async () => {
          if (!open) throw new Error("closed already");
          open = false;
        },
      };
    }),
  },
  {
    mistake: "locate gives a path",
    breaks: "locate returns a URL, a different one for each key, whether or not the object exists",
    open: altered(() => ({ locate: (key) => `/bucket/${key}` })),
  },
  {
    mistake: "a copy moves",
    breaks: "if the store copies, a copy of 1 bytes has them, and copy returns what head returns",
    open: altered((inner) => ({
      copy: async (from, to, options) => {
        const info = await copyOf(inner, from, to, options);
        await inner.delete(from);
        return info;
      },
    })),
  },
  {
    mistake: "a copy tells of its source",
    breaks: "if the store copies, a copy of 300000 bytes has them, and copy returns what head returns",
    open: altered((inner) => ({
      copy: async (from, to, options) => {
        await copyOf(inner, from, to, options);
        return inner.head(from);
      },
    })),
  },
  {
    mistake: "a large copy loses its last byte",
    breaks: "if the store copies, a copy of 5242881 bytes has them, and copy returns what head returns",
    open: altered((inner) => ({
      copy: async (from, to, { condition, signal } = {}) =>
        inner.put(to, (await readAll(inner, from)).subarray(0, 5 * 1024 * 1024), { condition, signal }),
    })),
  },
  {
    mistake: "a copy is its source by another name",
    breaks: "if the store copies, a put or delete of the source or the copy of 300000 bytes does not change the other",
    open: altered((inner) => {
      const sources = new Map<string, string>();
      return {
        copy: (from, to, options) => {
          sources.set(to, from);
          return copyOf(inner, from, to, options);
        },
        get: (key, options) => inner.get(sources.get(key) ?? key, options),
      };
    }),
  },
  {
    mistake: "a copy keeps an old target",
    breaks: "if the store copies, it replaces the target, and can be repeated",
    open: altered((inner) => ({
      copy: async (from, to, options) => inner.head(to, options).catch(() => copyOf(inner, from, to, options)),
    })),
  },
  {
    mistake: "a copy onto itself empties it",
    breaks: "if the store copies, a copy onto itself leaves the object",
    open: altered((inner) => ({
      copy: async (from, to, options) => (from === to ? inner.put(to, new Uint8Array()) : copyOf(inner, from, to, options)),
    })),
  },
  {
    mistake: "a copy of a missing object is empty",
    breaks: "if the store copies, a copy of a missing object rejects with STORE_NOT_FOUND and writes nothing",
    open: altered((inner) => ({
      copy: async (from, to, options) =>
        (await etagOf(inner, from)) === undefined ? inner.put(to, new Uint8Array()) : copyOf(inner, from, to, options),
    })),
  },
  {
    mistake: "a copy ignores sourceEtag",
    breaks: "if the store copies, a copy with another sourceEtag than that of the source is refused and writes nothing",
    open: altered((inner) => ({
      copy: (from, to, { condition, signal } = {}) => copyOf(inner, from, to, { condition, signal }),
    })),
  },
  {
    mistake: "a copy looks at sourceEtag, and reads the source later",
    breaks:
      "if the store copies, a copy of an object that is replaced during the copy has all of one state of it, the one of sourceEtag if given",
    open: altered((inner) => ({
      copy: async (from, to, { sourceEtag, ...options } = {}) => {
        if (sourceEtag !== undefined && sourceEtag !== (await etagOf(inner, from))) throw conflict(from);
        for (let turn = 0; turn < 20; turn++) await setImmediate();
        return copyOf(inner, from, to, options);
      },
    })),
  },
  {
    mistake: "a refused copy has already written",
    breaks: "if the store copies, a copy with another sourceEtag than that of the source is refused and writes nothing",
    open: altered((inner) => ({
      copy: async (from, to, { sourceEtag, ...options } = {}) => {
        const info = await copyOf(inner, from, to, options);
        if (sourceEtag !== undefined && sourceEtag !== (await etagOf(inner, from))) throw conflict(from);
        return info;
      },
    })),
  },
  {
    mistake: "a copy never finds sourceEtag",
    breaks:
      "if the store copies, a copy with the sourceEtag of the source has its bytes, or is refused with CAPABILITY_MISSING and writes nothing",
    open: altered((inner) => ({
      copy: async (from, to, options) => {
        if (options?.sourceEtag !== undefined) throw conflict(from);
        return copyOf(inner, from, to, options);
      },
    })),
  },
  {
    mistake: "a copy with ifAbsent and no target never wins",
    breaks: "if the store copies, ifAbsent creates a missing object, or is refused with CAPABILITY_MISSING and creates nothing",
    open: altered((inner) => ({
      copy: async (from, to, options) => {
        if (options?.condition !== undefined) throw conflict(to);
        return copyOf(inner, from, to, options);
      },
    })),
  },
  {
    mistake: "the etag of a copy is that of its source",
    breaks: "if the store copies, the etag of a copy is one for ifMatch",
    open: altered((inner) => ({
      copy: async (from, to, options) => {
        const { etag } = await inner.head(from);
        return { ...(await copyOf(inner, from, to, options)), etag };
      },
    })),
  },
  {
    mistake: "a copy from an invalid key is of a missing object",
    breaks: "if the store copies, an invalid key on either side is refused with STORE_KEY_INVALID",
    open: altered((inner) => ({
      copy: async (from, to, options) => {
        if ((await etagOf(inner, from)) === undefined) throw new MlforgeError("STORE_NOT_FOUND", "none", { store: "memory", key: from });
        return copyOf(inner, from, to, options);
      },
    })),
  },
  {
    mistake: "the source of a copy is percent-decoded",
    breaks: "if the store copies, it copies from and to keys with odd characters",
    open: altered((inner) => ({ copy: (from, to, options) => copyOf(inner, from.replace("%20", " "), to, options) })),
  },
  {
    mistake: "a copy goes on when it is aborted",
    breaks: "if the store copies, an aborted copy rejects with the signal's reason and writes nothing",
    open: altered((inner) => ({
      copy: async (from, to, { condition, signal } = {}) => {
        const info = await copyOf(inner, from, to, { condition });
        signal?.throwIfAborted();
        return info;
      },
    })),
  },
  {
    mistake: "an aborted copy has an error of its own",
    breaks: "if the store copies, a copy aborted while it runs stores all or nothing, and rejects with the signal's reason if it rejects",
    open: altered((inner) => ({
      copy: async (from, to, { signal, ...options } = {}) => {
        for (let turn = 0; turn < 20; turn++) await setImmediate();
        if (signal?.aborted === true) throw new MlforgeError("STORE_UNAVAILABLE", "aborted", { store: "memory", operation: "copy" });
        return copyOf(inner, from, to, options);
      },
    })),
  },
  {
    mistake: "a copy reads a changing source in two parts",
    breaks:
      "if the store copies, a copy of an object that is replaced during the copy has all of one state of it, the one of sourceEtag if given",
    open: altered((inner) => ({
      copy: async (from, to, options) => {
        const first = await readAll(inner, from);
        for (let turn = 0; turn < 10; turn++) await setImmediate();
        const second = await readAll(inner, from);
        const half = first.length / 2;
        return inner.put(to, Buffer.concat([first.subarray(0, half), second.subarray(half)]), options);
      },
    })),
  },
  {
    mistake: "a copy is visible in part",
    breaks: "if the store copies, a reader sees the whole old target or the whole copy",
    open: altered((inner) => ({ copy: async (from, to, options) => putInParts(inner, to, await readAll(inner, from), options) })),
  },
  {
    mistake: "a copy ignores ifAbsent",
    breaks: "if the store copies, ifAbsent of an existing target rejects with STORE_CONFLICT or CAPABILITY_MISSING, and leaves it",
    open: altered((inner) => ({ copy: (from, to, options) => copyOf(inner, from, to, { signal: options?.signal }) })),
  },
  {
    mistake: "a copy with ifAbsent looks, then writes",
    breaks:
      "if the store copies, exactly one of 4 copies and 0 puts racing with ifAbsent wins, unless copies refuse it, and its bytes stay",
    open: altered((inner) => ({ copy: async (from, to, options) => checkThenPut(inner, to, await readAll(inner, from), options) })),
  },
  {
    mistake: "a copy with ifAbsent is refused after the write",
    breaks: "if the store copies, ifAbsent creates a missing object, or is refused with CAPABILITY_MISSING and creates nothing",
    open: altered((inner) => ({
      copy: async (from, to, options) => {
        const info = await copyOf(inner, from, to, options);
        if (options?.condition === undefined) return info;
        throw new MlforgeError("CAPABILITY_MISSING", "refused", { plugin: "memory", capability: "ifAbsent" });
      },
    })),
  },
];

/** Mistakes of a store that declares `conditionalPut: "none"`. */
export const brokenWithoutConditions: readonly BrokenStore[] = [
  {
    mistake: "ifAbsent is ignored",
    breaks: "a store without conditional puts refuses ifAbsent with CAPABILITY_MISSING and writes nothing",
    open: altered((inner) => ({ put: (key, body, options) => inner.put(key, body, { signal: options?.signal }) }), "none"),
  },
  {
    mistake: "ifMatch is refused after the write",
    breaks: "a store without conditional puts refuses ifMatch with CAPABILITY_MISSING and writes nothing",
    open: altered(
      (inner) => ({
        put: async (key, body, options) => {
          if (options?.condition?.kind === "ifMatch") await inner.put(key, body);
          return inner.put(key, body, options);
        },
      }),
      "none",
    ),
  },
  {
    mistake: "a copy ignores ifAbsent",
    breaks: "if the store copies, a store without conditional puts refuses ifAbsent with CAPABILITY_MISSING and writes nothing",
    open: altered((inner) => ({ copy: (from, to, options) => copyOf(inner, from, to, { signal: options?.signal }) }), "none"),
  },
];

async function* oneOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

/** Writes half of the bytes, and all of them later. */
async function putInParts(inner: Store, key: string, body: PutBody, options: PutOptions = {}) {
  const bytes = await bytesOf(body);
  if (bytes.length < 1_000_000 || options.condition !== undefined) return inner.put(key, bytes, options);
  await inner.put(key, bytes.subarray(0, bytes.length / 2), options);
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  return inner.put(key, bytes, options);
}

/** One swap at a time, each of which looks and then writes, beside puts and deletes that do not wait. */
function serialSwaps(inner: Store): Partial<Store> {
  let last: Promise<unknown> = Promise.resolve();
  return {
    put: (key, body, options) => {
      if (options?.condition?.kind !== "ifMatch") return inner.put(key, body, options);
      const swap = last.then(() => checkThenPut(inner, key, body, options));
      last = swap.catch(() => {});
      return swap;
    },
  };
}

/** Takes each key for another one; results still name the key asked for. */
function renamed(inner: Store, name: (key: string) => string): Partial<Store> {
  return {
    head: async (key, options) => ({ ...(await inner.head(name(key), options)), key }),
    get: (key, options) => inner.get(name(key), options),
    put: async (key, body, options) => ({ ...(await inner.put(name(key), body, options)), key }),
    copy: async (from, to, options) => ({ ...(await copyOf(inner, name(from), name(to), options)), key: to }),
    delete: (key, options) => inner.delete(name(key), options),
  };
}
