import type { Remote, Store } from "@mlforge/spec";

/** A remote whose URLs are `mem://` and the key, in one store. */
export function memoryRemote(store: Store): Remote {
  return {
    schemes: ["mem"],
    open: (url) => ({ store, key: url.slice("mem://".length) }),
    [Symbol.asyncDispose]: async () => {},
  };
}
