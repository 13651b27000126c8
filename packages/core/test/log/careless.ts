import type { Store } from "@mlforge/spec";

/** A store whose every put succeeds, whatever its condition. */
export function careless(inner: Store): Store {
  return {
    specVersion: inner.specVersion,
    name: inner.name,
    capabilities: inner.capabilities,
    head: (key, options) => inner.head(key, options),
    get: (key, options) => inner.get(key, options),
    put: (key, body) => inner.put(key, body),
    delete: (key, options) => inner.delete(key, options),
    list: (prefix, options) => inner.list(prefix, options),
    locate: (key) => inner.locate(key),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}
