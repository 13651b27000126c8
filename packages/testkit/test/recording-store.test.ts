import { expect, it } from "vitest";
import { memoryStore, recordingStore } from "../src/store/index.js";

it("records every call with its key, condition and bytes, and whether it was carried out", async () => {
  const { store, operations } = recordingStore(memoryStore());
  await store.put("a", new Uint8Array(5));
  const { etag } = await store.head("a");
  const condition = { kind: "ifMatch", etag } as const;
  await store.put("a", new Uint8Array(7), { condition });
  await expect(store.put("a", new Uint8Array(9), { condition })).rejects.toMatchObject({ code: "STORE_CONFLICT" });
  await using result = await store.get("a", { range: { start: 2, end: 100 } });
  expect(result.info.size).toBe(7);
  expect(operations).toEqual([
    { index: 0, name: "put", key: "a", outcome: "done", bytes: 5 },
    { index: 1, name: "head", key: "a", outcome: "done", bytes: 0 },
    { index: 2, name: "put", key: "a", condition, outcome: "done", bytes: 7 },
    { index: 3, name: "put", key: "a", condition, outcome: "pending", bytes: 0 },
    { index: 4, name: "get", key: "a", outcome: "done", bytes: 5 },
  ]);
});
