import type { Store } from "@mlforge/spec";
import { isName } from "../define/name.js";

/** Returns the names of the folders of a store, each of which can be a feature. Ignores files at the root, such as a manifest. */
export async function namesIn(store: Store, signal?: AbortSignal): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const entry of store.list("", { depth: "children", signal })) {
    const name = entry.kind === "prefix" ? entry.prefix.slice(0, -1) : "";
    if (isName(name)) names.push(name);
  }
  return names;
}
