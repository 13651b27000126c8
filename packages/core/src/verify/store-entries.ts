import type { ObjectInfo, Store } from "@mlforge/spec";
import { isName } from "../define/name.js";
import { featurePrefix } from "../log/keys.js";

/** An entry at the root of a store: a file, a folder that can belong to a feature, or a folder that cannot. */
export type StoreEntry =
  | { readonly kind: "file"; readonly info: ObjectInfo }
  | { readonly kind: "feature"; readonly feature: string; readonly objects: readonly ObjectInfo[] }
  | { readonly kind: "folder"; readonly name: string; readonly files: number; readonly bytes: number };

/** The internal folder of stores. Most stores do not list it. */
const ownFolder = ".mlforge";

/** Yields everything in a store from one listing. Holds the objects of at most one feature. */
export async function* entriesOf(store: Store, signal?: AbortSignal): AsyncGenerator<StoreEntry, void, undefined> {
  let name: string | undefined;
  let objects: ObjectInfo[] = [];
  let [files, bytes] = [0, 0];
  const finished = (): StoreEntry[] => {
    if (name === undefined || name === ownFolder) return [];
    return [isName(name) ? { kind: "feature", feature: name, objects } : { kind: "folder", name, files, bytes }];
  };
  // A listing is sorted by key, so the objects of a folder are adjacent.
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

/** Returns the objects of one feature. */
export async function objectsOf(store: Store, feature: string, signal?: AbortSignal): Promise<readonly ObjectInfo[]> {
  const objects: ObjectInfo[] = [];
  for await (const entry of store.list(featurePrefix(feature), { signal })) if (entry.kind === "object") objects.push(entry.info);
  return objects;
}
