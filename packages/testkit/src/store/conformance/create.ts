import { deepEqual, equal } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PutCondition } from "@mlforge/spec";
import type { Law } from "../runner.js";
import { bytesOf, codeOf, names, read, rejects, stored, textOf, told } from "./expect.js";

const condition: PutCondition = { kind: "ifAbsent" };

export function createLaws(law: Law): void {
  law("ifAbsent creates a missing object and returns what head returns", async (store) => {
    const info = await store.put("folder/key", bytesOf("text"), { condition });
    deepEqual(await stored(store, "folder/key"), told(info));
    equal(textOf(await read(store, "folder/key")), "text");
  });

  law("ifAbsent of an existing key rejects with STORE_CONFLICT and leaves the object", async (store) => {
    await store.put("key", bytesOf("first"));
    const before = await store.head("key");
    await rejects(store.put("key", bytesOf("second"), { condition }), "STORE_CONFLICT", "put");
    await rejects(store.put("key", bytesOf("first"), { condition }), "STORE_CONFLICT", "put of the same bytes");
    deepEqual(await store.head("key"), before);
    equal(textOf(await read(store, "key")), "first");
  });

  law("ifAbsent succeeds again after a delete", async (store) => {
    await store.put("key", bytesOf("first"), { condition });
    await store.delete("key");
    await store.put("key", bytesOf("second"), { condition });
    equal(textOf(await read(store, "key")), "second");
  });

  law("ifAbsent with a file creates once", async (store) => {
    const folder = await mkdtemp(join(tmpdir(), "mlforge-testkit-"));
    try {
      const file = join(folder, "file");
      await writeFile(file, "first");
      await store.put("key", { file, move: true }, { condition });
      await writeFile(file, "second");
      await rejects(store.put("key", { file, move: true }, { condition }), "STORE_CONFLICT", "put");
      equal(textOf(await read(store, "key")), "first");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  law("exactly one of several puts racing with ifAbsent wins, and its bytes stay", async (store) => {
    for (let round = 0; round < 10; round++) {
      const key = `race/${round}`;
      const outcomes = await Promise.all(Array.from({ length: 8 }, (_, i) => codeOf(store.put(key, Uint8Array.of(i), { condition }))));
      equal(outcomes.filter((code) => code === undefined).length, 1, `outcomes were ${outcomes.join()}`);
      equal(outcomes.filter((code) => code === "STORE_CONFLICT").length, 7, `outcomes were ${outcomes.join()}`);
      deepEqual([...(await read(store, key))], [outcomes.indexOf(undefined)]);
    }
    equal((await names(store, "race/")).length, 10);
  });
}
