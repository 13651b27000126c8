import type { Store } from "@mlforge/spec";
import { isName } from "../define/name.js";

/** The folders of a store that may be features, by name. Files at its root, such as a manifest, are none. */
export async function namesIn(store: Store, signal?: AbortSignal): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const entry of store.list("", { depth: "children", signal })) {
    const name = entry.kind === "prefix" ? entry.prefix.slice(0, -1) : "";
    if (isName(name)) names.push(name);
  }
  return names;
}
