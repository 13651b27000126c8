import { deepEqual, equal } from "node:assert/strict";
import type { PutCondition } from "@mlforge/spec";
import type { Law } from "../runner.js";
import { bytesOf, names, read, rejects, textOf } from "./expect.js";

/** The laws of a store without conditional puts. */
export function refusalLaws(law: Law): void {
  law("a store without conditional puts refuses ifAbsent with CAPABILITY_MISSING and writes nothing", async (store) => {
    const condition: PutCondition = { kind: "ifAbsent" };
    await rejects(store.put("key", bytesOf("text"), { condition }), "CAPABILITY_MISSING", "put");
    deepEqual(await names(store, ""), []);
  });

  law("a store without conditional puts refuses ifMatch with CAPABILITY_MISSING and writes nothing", async (store) => {
    const { etag } = await store.put("key", bytesOf("text"));
    const condition: PutCondition = { kind: "ifMatch", etag };
    await rejects(store.put("key", bytesOf("other"), { condition }), "CAPABILITY_MISSING", "put");
    equal(textOf(await read(store, "key")), "text");
  });
}
