import { deepEqual, equal } from "node:assert/strict";
import type { Law } from "../runner.js";
import { bytesOf, names, read, rejects, textOf } from "./expect.js";

export function deleteLaws(law: Law): void {
  law("after a delete resolves, get, head and list do not see the object", async (store) => {
    await store.put("folder/key", bytesOf("text"));
    await store.delete("folder/key");
    await rejects(store.get("folder/key"), "STORE_NOT_FOUND", "get");
    await rejects(store.head("folder/key"), "STORE_NOT_FOUND", "head");
    deepEqual(await names(store, ""), []);
    deepEqual(await names(store, "", { depth: "children" }), []);
  });

  law("delete of a missing key resolves", async (store) => {
    await store.delete("missing");
    await store.put("folder/key", bytesOf("text"));
    await store.delete("folder/missing");
    await store.delete("folder");
    await store.delete("folder/key/below");
    equal(textOf(await read(store, "folder/key")), "text");
  });

  law("delete removes one object and nothing beside or below it", async (store) => {
    for (const key of ["a/b", "a/bc", "a/c/d"]) await store.put(key, bytesOf(key));
    await store.delete("a/b");
    await store.delete("a/c");
    deepEqual(await names(store, ""), ["a/bc", "a/c/d"]);
  });

  law("puts and deletes of neighboring keys do not disturb each other", async (store) => {
    await store.put("a/b/0", bytesOf("0"));
    for (let round = 0; round < 20; round++) {
      const [stays, goes] = [`a/b/${round + 1}`, `a/b/${round}`];
      await Promise.all([store.put(stays, bytesOf(stays)), store.delete(goes)]);
      deepEqual(await names(store, ""), [stays]);
    }
  });

  law("a deleted key can be put again", async (store) => {
    for (const text of ["one", "two"]) {
      await store.put("folder/key", bytesOf(text));
      equal(textOf(await read(store, "folder/key")), text);
      await store.delete("folder/key");
    }
    await store.put("folder", bytesOf("an object where a folder was"));
    deepEqual(await names(store, ""), ["folder"]);
  });
}
