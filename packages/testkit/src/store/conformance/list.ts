import { deepEqual, equal } from "node:assert/strict";
import { compareStoreKeys, type Store } from "@mlforge/spec";
import fc from "fast-check";
import type { Law } from "../runner.js";
import { bytesOf, nameOf, names, rejects } from "./expect.js";

export function listLaws(law: Law): void {
  law("list of an empty store, or of a missing prefix, is empty", async (store) => {
    deepEqual(await names(store, ""), []);
    deepEqual(await names(store, "missing/"), []);
    await store.put("a/b", bytesOf("text"));
    deepEqual(await names(store, "a/b/"), []);
    deepEqual(await names(store, "missing/", { depth: "children" }), []);
  });

  law("list is in ascending order of the keys' UTF-8 bytes", async (store) => {
    const keys = ["a!b", "a", "a-b", "b/a", "b.a", "b/a-", "b-a", "b0", "é", "z", "\uff5e", "🛫", "B", "a0"];
    await putAll(store, keys);
    const expected = [...keys].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
    deepEqual(await names(store, ""), expected);
  });

  law("list with depth children is in ascending order of the UTF-8 bytes of keys and prefixes", async (store) => {
    await putAll(store, ["b/x", "b.x", "b0", "b-x", "c", "a/y/z"]);
    deepEqual(await names(store, "", { depth: "children" }), ["a/", "b-x", "b.x", "b/", "b0", "c"]);
  });

  law("list of more than 1,000 keys gives each once, in order", async (store) => {
    const keys = Array.from({ length: 1_005 }, (_, i) => `many/${i}`);
    await putAll(store, [...keys, "other/0"]);
    deepEqual(await names(store, "many/"), keys.sort(compareStoreKeys));
    equal((await names(store, "many/", { depth: "children" })).length, keys.length);
  });

  law("list of a/ lists neither ab/c nor a.b", async (store) => {
    await putAll(store, ["a/1", "a.b", "ab/c", "a/2/3", "aa/1"]);
    deepEqual(await names(store, "a/"), ["a/1", "a/2/3"]);
    deepEqual(await names(store, "a/", { depth: "children" }), ["a/1", "a/2/"]);
  });

  law("list with depth children returns everything below the next slash as one prefix", async (store) => {
    await putAll(store, ["f/1.0.0/.meta.json", "f/1.0.0/data/part-0", "f/1.0.1/.meta.json", "f/_latest.json", "g/1.0.0/.meta.json"]);
    deepEqual(await names(store, "", { depth: "children" }), ["f/", "g/"]);
    deepEqual(await names(store, "f/", { depth: "children" }), ["f/1.0.0/", "f/1.0.1/", "f/_latest.json"]);
    deepEqual(await names(store, "f/1.0.0/", { depth: "children" }), ["f/1.0.0/.meta.json", "f/1.0.0/data/"]);
  });

  law("list defaults to deep", async (store) => {
    await putAll(store, ["a/b/c/d", "a/b/e"]);
    deepEqual(await names(store, ""), ["a/b/c/d", "a/b/e"]);
    deepEqual(await names(store, "a/", { depth: "deep" }), ["a/b/c/d", "a/b/e"]);
  });

  law("a prefix that does not end with a slash is refused with STORE_KEY_INVALID", async (store) => {
    for (const prefix of ["a", "/", "a//", "../", "a/../"]) await rejects(names(store, prefix), "STORE_KEY_INVALID", `list of ${prefix}`);
  });

  law("breaking out of a list leaves the store usable", async (store) => {
    await putAll(store, ["a/1", "a/2", "b/1"]);
    for (let i = 0; i < 50; i++) {
      for await (const entry of store.list("")) {
        equal(nameOf(entry), "a/1");
        break;
      }
    }
    await store.delete("a/1");
    deepEqual(await names(store, ""), ["a/2", "b/1"]);
  });

  law("two lists at once do not disturb each other", async (store) => {
    await putAll(store, ["a/1", "a/2", "b/1"]);
    const [first, second] = await Promise.all([names(store, ""), names(store, "", { depth: "children" })]);
    deepEqual(first, ["a/1", "a/2", "b/1"]);
    deepEqual(second, ["a/", "b/"]);
  });

  law("list of any keys is their sorted set", async (store) => {
    const segment = fc.constantFrom("a", "b", "a.", "a-", "é", "0", "~", "z z");
    const key = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => `${parts.join("/")}/x`);
    await fc.assert(
      fc.asyncProperty(fc.array(key, { maxLength: 12 }), async (keys) => {
        await putAll(store, keys);
        deepEqual(
          await names(store, ""),
          [...new Set(keys)].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y))),
        );
        for (const used of new Set(keys)) await store.delete(used);
      }),
      { numRuns: 15 },
    );
  });
}

async function putAll(store: Store, keys: readonly string[]): Promise<void> {
  const waiting = [...keys];
  const work = async (): Promise<void> => {
    for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) await store.put(key, bytesOf("x"));
  };
  await Promise.all(Array.from({ length: 8 }, work));
}
