import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { StoreCapabilities } from "@mlforge/spec";
import type { Law } from "../runner.js";
import { bytesOf, names, rejects } from "./expect.js";

export function capabilityLaws(law: Law, declared: StoreCapabilities): void {
  law("has the capabilities it declares", async (store) => {
    equal(store.specVersion, 1);
    match(store.name, /\S/);
    deepEqual({ ...store.capabilities }, { ...declared });
  });

  law("checkConditionalPut says what a conditional put would do, and leaves nothing behind", async (store) => {
    if (declared.conditionalPut === "full") await store.checkConditionalPut?.();
    else if (store.checkConditionalPut !== undefined) await rejects(store.checkConditionalPut(), "CAPABILITY_MISSING", "the check");
    deepEqual(await names(store, ""), []);
  });

  law("disposing of a store twice resolves", async (store) => {
    await store.put("key", bytesOf("text"));
    await store[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  law("locate returns a URL, a different one for each key, whether or not the object exists", async (store) => {
    const located = new Set<string>();
    for (const key of ["a", "b/c", "b c", "b%20c", "é"]) {
      const url = store.locate(key);
      ok(URL.canParse(url), `${url} is not a URL`);
      located.add(url);
    }
    equal(located.size, 5);
  });
}
