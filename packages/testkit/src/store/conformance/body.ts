import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { Law } from "../runner.js";
import { bytesOf, read, rejects, textOf, told } from "./expect.js";

const lengths = [0, 1, 5 * 1024 * 1024 + 1];

export function bodyLaws(law: Law): void {
  for (const length of lengths) {
    law(`get returns the ${length} bytes that put stored`, async (store) => {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) % 251);
      const info = await store.put("key", bytes);
      equal(info.size, length);
      ok(Buffer.from(await read(store, "key")).equals(bytes), "other bytes came back");
    });
  }

  law("get returns any bytes that put stored", async (store) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 4096 }), async (bytes) => {
        await store.put("key", bytes);
        deepEqual(await read(store, "key"), bytes);
      }),
      { numRuns: 20 },
    );
  });

  law("put, head, get and list report the same about an object", async (store) => {
    const put = await store.put("folder/key", bytesOf("text"));
    equal(put.key, "folder/key");
    equal(put.size, 4);
    ok(put.etag.length > 0, "the etag is empty");
    const info = await store.head("folder/key");
    deepEqual(told(info), told(put));
    ok(!Number.isNaN(info.modifiedAt.getTime()), "modifiedAt is not a date");
    await using result = await store.get("folder/key");
    deepEqual(result.info, info);
    for await (const entry of store.list("folder/")) deepEqual(entry, { kind: "object", info });
  });

  law("the bytes given to put can be reused after it resolves", async (store) => {
    const bytes = bytesOf("first");
    await store.put("key", bytes);
    bytes.fill(0);
    equal(textOf(await read(store, "key")), "first");
  });

  law("changing the bytes that get returned does not change the object", async (store) => {
    await store.put("key", bytesOf("text"));
    (await read(store, "key")).fill(0);
    await using result = await store.get("key");
    for await (const part of result.body) part.fill(0);
    equal(textOf(await read(store, "key")), "text");
  });

  law("get and head of a missing key reject with STORE_NOT_FOUND", async (store) => {
    await rejects(store.get("missing"), "STORE_NOT_FOUND", "get");
    await rejects(store.head("missing"), "STORE_NOT_FOUND", "head");
    await store.put("folder/key", bytesOf("text"));
    await rejects(store.get("folder"), "STORE_NOT_FOUND", "get of a prefix");
    await rejects(store.head("folder"), "STORE_NOT_FOUND", "head of a prefix");
    await rejects(store.get("folder/key/below"), "STORE_NOT_FOUND", "get below an object");
  });

  law("breaking out of a stream, or not reading it, leaves the store usable", async (store) => {
    await store.put("key", new Uint8Array(1_000_000).fill(1));
    for (let i = 0; i < 50; i++) {
      await using result = await store.get("key");
      if (i % 2 === 0) continue;
      for await (const part of result.body) {
        ok(part.length > 0);
        break;
      }
    }
    await store.put("key", bytesOf("after"));
    equal(textOf(await read(store, "key")), "after");
  });

  law("disposing of a result twice resolves", async (store) => {
    await store.put("key", bytesOf("text"));
    const result = await store.get("key");
    await result[Symbol.asyncDispose]();
    await result[Symbol.asyncDispose]();
  });
}
