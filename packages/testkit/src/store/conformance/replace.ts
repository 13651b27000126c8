import { deepEqual, equal } from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { PutCondition, Store } from "@mlforge/spec";
import type { Law } from "../runner.js";
import { bytesOf, codeOf, exists, read, rejects, stored, textOf, told } from "./expect.js";

const ifMatch = (etag: string): { readonly condition: PutCondition } => ({ condition: { kind: "ifMatch", etag } });

export function replaceLaws(law: Law): void {
  law("ifMatch with the current etag replaces the object", async (store) => {
    const { etag } = await store.put("key", bytesOf("first"));
    const info = await store.put("key", bytesOf("second"), ifMatch(etag));
    deepEqual(await stored(store, "key"), told(info));
    equal(textOf(await read(store, "key")), "second");
  });

  law("ifMatch with the etag that head, get or list returned replaces the object", async (store) => {
    await store.put("key", bytesOf("0"));
    await store.put("key", bytesOf("1"), ifMatch((await store.head("key")).etag));
    await using result = await store.get("key");
    await store.put("key", bytesOf("2"), ifMatch(result.info.etag));
    for await (const entry of store.list("")) {
      if (entry.kind === "object") await store.put("key", bytesOf("3"), ifMatch(entry.info.etag));
    }
    equal(textOf(await read(store, "key")), "3");
  });

  law("ifMatch with the etag of an earlier state rejects with STORE_CONFLICT and leaves the object", async (store) => {
    const { etag } = await store.put("key", bytesOf("first"));
    await store.put("key", bytesOf("other"));
    await rejects(store.put("key", bytesOf("third"), ifMatch(etag)), "STORE_CONFLICT", "put");
    equal(textOf(await read(store, "key")), "other");
  });

  law("ifMatch with a made-up etag rejects with STORE_CONFLICT", async (store) => {
    await store.put("key", bytesOf("text"));
    await rejects(store.put("key", bytesOf("other"), ifMatch("made up")), "STORE_CONFLICT", "put");
    equal(textOf(await read(store, "key")), "text");
  });

  law("ifMatch of a missing key rejects with STORE_CONFLICT and creates nothing", async (store) => {
    const { etag } = await store.put("key", bytesOf("text"));
    await rejects(store.put("missing/key", bytesOf("text"), ifMatch(etag)), "STORE_CONFLICT", "put");
    equal(await exists(store, "missing/key"), false);
    await store.delete("key");
    await rejects(store.put("key", bytesOf("text"), ifMatch(etag)), "STORE_CONFLICT", "put after a delete");
    equal(await exists(store, "key"), false);
  });

  law("exactly one of several puts racing with ifMatch on one etag wins, and its bytes stay", async (store) => {
    let { etag } = await store.put("key", bytesOf("start"));
    for (let round = 0; round < 10; round++) {
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, (_, i) => codeOf(store.put("key", Uint8Array.of(round, i), ifMatch(etag)))),
      );
      equal(outcomes.filter((code) => code === undefined).length, 1, `outcomes were ${outcomes.join()}`);
      equal(outcomes.filter((code) => code === "STORE_CONFLICT").length, 5, `outcomes were ${outcomes.join()}`);
      deepEqual([...(await read(store, "key"))], [round, outcomes.indexOf(undefined)]);
      ({ etag } = await store.head("key"));
    }
  });

  law("5 workers that each increment a counter 10 times by compare-and-swap count to 50", async (store) => {
    await store.put("counter", bytesOf("0"));
    const work = async (): Promise<void> => {
      for (let done = 0; done < 10; ) if (await increment(store, "counter")) done += 1;
    };
    await Promise.all(Array.from({ length: 5 }, work));
    equal(textOf(await read(store, "counter")), "50");
  });

  law("a put without condition is not lost to a racing compare-and-swap", async (store) => {
    for (let round = 0; round < 25; round++) {
      const { etag } = await store.put("key", bytesOf(`old ${round}`));
      const [swap] = await Promise.all([
        codeOf(store.put("key", bytesOf(`swapped ${round}`), ifMatch(etag))),
        afterTurns(round).then(() => store.put("key", bytesOf(`put ${round}`))),
      ]);
      equal(textOf(await read(store, "key")), `put ${round}`, `the swap gave ${swap ?? "success"}`);
    }
  });

  law("a delete is not lost to a racing compare-and-swap", async (store) => {
    for (let round = 0; round < 25; round++) {
      const { etag } = await store.put("key", bytesOf(`old ${round}`));
      const [swap] = await Promise.all([
        codeOf(store.put("key", bytesOf(`swapped ${round}`), ifMatch(etag))),
        afterTurns(round).then(() => store.delete("key")),
      ]);
      equal(await exists(store, "key"), false, `the swap gave ${swap ?? "success"}`);
    }
  });
}

/** Resolves a little later in each round, so that the rounds meet a racing call at different times. */
async function afterTurns(round: number): Promise<void> {
  for (let turn = 0; turn < round >> 1; turn++) await (round % 2 === 0 ? undefined : setImmediate());
}

/** Returns true if the increment won. A conflict means that another worker was first. */
async function increment(store: Store, key: string): Promise<boolean> {
  await using result = await store.get(key);
  const parts: Uint8Array[] = [];
  for await (const part of result.body) parts.push(part);
  const count = Number(textOf(Buffer.concat(parts)));
  const code = await codeOf(store.put(key, bytesOf(`${count + 1}`), ifMatch(result.info.etag)));
  if (code === undefined) return true;
  equal(code, "STORE_CONFLICT");
  return false;
}
