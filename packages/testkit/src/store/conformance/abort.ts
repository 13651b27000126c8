import { deepEqual, equal, ok } from "node:assert/strict";
import type { Law } from "../runner.js";
import { bytesOf, exists, names, read, rejectsWith, textOf } from "./expect.js";

export function abortLaws(law: Law): void {
  law("every call with an aborted signal rejects with the signal's reason, and writes nothing", async (store) => {
    await store.put("key", bytesOf("text"));
    const reason = new Error("stop");
    const signal = AbortSignal.abort(reason);
    await rejectsWith(store.head("key", { signal }), reason);
    await rejectsWith(store.get("key", { signal }), reason);
    await rejectsWith(store.put("key", bytesOf("other"), { signal }), reason);
    await rejectsWith(store.put("new", bytesOf("other"), { signal }), reason);
    await rejectsWith(store.delete("key", { signal }), reason);
    await rejectsWith(names(store, "", { signal }), reason);
    equal(textOf(await read(store, "key")), "text");
    deepEqual(await names(store, ""), ["key"]);
  });

  law("a stream whose signal is aborted rejects with the signal's reason", async (store) => {
    await store.put("key", new Uint8Array(5 * 1024 * 1024));
    const controller = new AbortController();
    const reason = { why: "any value is a reason" };
    const readAndAbort = async (): Promise<void> => {
      await using result = await store.get("key", { signal: controller.signal });
      for await (const part of result.body) {
        ok(part.length > 0);
        controller.abort(reason);
      }
    };
    await rejectsWith(readAndAbort(), reason);
    equal((await read(store, "key")).length, 5 * 1024 * 1024);
  });

  law("a list whose signal is aborted rejects with the signal's reason", async (store) => {
    for (const key of ["a", "b", "c"]) await store.put(key, bytesOf("text"));
    const controller = new AbortController();
    const reason = new Error("stop");
    const listAndAbort = async (): Promise<void> => {
      for await (const entry of store.list("", { signal: controller.signal })) {
        equal(entry.kind, "object");
        controller.abort(reason);
      }
    };
    await rejectsWith(listAndAbort(), reason);
    deepEqual(await names(store, ""), ["a", "b", "c"]);
  });

  law("a put aborted while it runs stores all or nothing, and rejects with the signal's reason if it rejects", async (store) => {
    const bytes = new Uint8Array(2 * 1024 * 1024).fill(3);
    for (let turns = 0; turns < 10; turns++) {
      const controller = new AbortController();
      const reason = new Error("stop");
      const key = `aborted/${turns}`;
      const put = store.put(key, bytes, { signal: controller.signal });
      const outcome = put.then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      for (let i = 0; i < turns * turns; i++) await new Promise((resolve) => setImmediate(resolve));
      controller.abort(reason);
      const rejection = await outcome;
      if (rejection !== undefined) ok(rejection.error === reason, `rejected with ${String(rejection.error)}`);
      const stored = await exists(store, key);
      if (rejection === undefined) ok(stored, "a put resolved and stored nothing");
      if (stored) ok(Buffer.from(await read(store, key)).equals(bytes), "part of an object was stored");
    }
  });
}
