import type { ObjectInfo, Store } from "@mlforge/spec";
import { isName } from "../define/name.js";
import { featurePrefix } from "../log/keys.js";

/** What lies at the root of a store: a file, a folder that may be a feature's, or one that can be none. */
export type StoreEntry =
  | { readonly kind: "file"; readonly info: ObjectInfo }
  | { readonly kind: "feature"; readonly feature: string; readonly objects: readonly ObjectInfo[] }
  | { readonly kind: "folder"; readonly name: string; readonly files: number; readonly bytes: number };

/** The folder that stores keep to themselves. Most do not list it. */
const ownFolder = ".mlforge";

/** Everything in a store, in one listing, of which no more is held than one feature's objects. */
export async function* entriesOf(store: Store, signal?: AbortSignal): AsyncGenerator<StoreEntry, void, undefined> {
  let name: string | undefined;
  let objects: ObjectInfo[] = [];
  let [files, bytes] = [0, 0];
  const finished = (): StoreEntry[] => {
    if (name === undefined || name === ownFolder) return [];
    return [isName(name) ? { kind: "feature", feature: name, objects } : { kind: "folder", name, files, bytes }];
  };
  // A listing is in the order of its keys, so that what is in one folder comes together.
  for await (const entry of store.list("", { signal })) {
    if (entry.kind !== "object") continue;
    const { info } = entry;
    const slash = info.key.indexOf("/");
    if (slash < 0) {
      yield { kind: "file", info };
      continue;
    }
    const folder = info.key.slice(0, slash);
    if (folder !== name) {
      yield* finished();
      [name, objects, files, bytes] = [folder, [], 0, 0];
    }
    files += 1;
    bytes += info.size;
    if (isName(folder)) objects.push(info);
  }
  yield* finished();
}

/** The objects of one feature. */
export async function objectsOf(store: Store, feature: string, signal?: AbortSignal): Promise<readonly ObjectInfo[]> {
  const objects: ObjectInfo[] = [];
  for await (const entry of store.list(featurePrefix(feature), { signal })) if (entry.kind === "object") objects.push(entry.info);
  return objects;
}
