import { MlforgeError, type Store } from "@mlforge/spec";
import { expect, it } from "vitest";
import { interceptStore, memoryStore, type StoreEvent } from "../src/store/index.js";

const bytes = Uint8Array.of(1, 2, 3);

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

async function callAll(store: Store): Promise<void> {
  await store.put("a/b", bytes, { condition: { kind: "ifAbsent" } });
  await store.head("a/b");
  await using result = await store.get("a/b", { range: { suffix: 2 } });
  await drain(result.body);
  await drain(store.list("a/"));
  await store.copy?.("a/b", "a/c", { condition: { kind: "ifAbsent" } });
  await store.delete("a/b");
}

it("shows each call before and after, with its key, condition and bytes", async () => {
  const events: StoreEvent[] = [];
  await callAll(interceptStore(memoryStore(), (event) => void events.push(event)));
  expect(events.map(({ phase, operation }) => `${phase} ${operation.index} ${operation.name} ${operation.key}`)).toEqual([
    "before 0 put a/b",
    "after 0 put a/b",
    "before 1 head a/b",
    "after 1 head a/b",
    "before 2 get a/b",
    "after 2 get a/b",
    "before 3 list a/",
    "after 3 list a/",
    "before 4 copy a/c",
    "after 4 copy a/c",
    "before 5 delete a/b",
    "after 5 delete a/b",
  ]);
  expect(events[0]?.operation.condition).toEqual({ kind: "ifAbsent" });
  expect(events[8]?.operation).toMatchObject({ from: "a/b", condition: { kind: "ifAbsent" } });
  expect(events.flatMap((event) => (event.phase === "after" ? [event.bytes] : []))).toEqual([3, 0, 2, 0, 0, 0]);
});

it("carries nothing out where the hook throws before", async () => {
  const inner = memoryStore();
  const store = interceptStore(inner, ({ phase }) => {
    if (phase === "before") throw new Error("stop");
  });
  await expect(store.put("a", bytes)).rejects.toThrow("stop");
  await expect(inner.head("a")).rejects.toMatchObject({ code: "STORE_NOT_FOUND" });
});

it("has carried the call out where the hook throws after", async () => {
  const inner = memoryStore();
  const store = interceptStore(inner, ({ phase }) => {
    if (phase === "after") throw new Error("stop");
  });
  await expect(store.put("a", bytes)).rejects.toThrow("stop");
  expect((await inner.head("a")).size).toBe(3);
});

it("disposes of a get whose hook throws after", async () => {
  const inner = memoryStore();
  await inner.put("a", bytes);
  let disposed = 0;
  const counting: Store = Object.assign(Object.create(inner), {
    get: async (key: string) => {
      const result = await inner.get(key);
      return {
        ...result,
        [Symbol.asyncDispose]: async () => {
          disposed += 1;
        },
      };
    },
  });
  const store = interceptStore(counting, ({ phase }) => {
    if (phase === "after") throw new MlforgeError("STORE_UNAVAILABLE", "stop", { store: "memory", operation: "get" });
  });
  await expect(store.get("a")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  expect(disposed).toBe(1);
});

it("has no after for a call that fails", async () => {
  const phases: string[] = [];
  const store = interceptStore(memoryStore(), ({ phase }) => void phases.push(phase));
  await expect(store.head("missing")).rejects.toMatchObject({ code: "STORE_NOT_FOUND" });
  expect(phases).toEqual(["before"]);
});

it("copies exactly where the store inside does", () => {
  expect(interceptStore(Object.assign(memoryStore(), { copy: undefined }), () => {}).copy).toBeUndefined();
  expect(interceptStore(memoryStore(), () => {}).copy).toBeDefined();
});

it("offers stage exactly where the store inside does", async () => {
  expect(interceptStore(memoryStore(), () => {}).stage).toBeUndefined();
  const staging = { path: "/staging", [Symbol.asyncDispose]: async () => {} };
  const inner: Store = Object.assign(memoryStore(), { stage: async () => staging });
  expect(await interceptStore(inner, () => {}).stage?.()).toBe(staging);
});
