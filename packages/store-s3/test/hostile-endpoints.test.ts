import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type Store, storeRetryChannel } from "@mlforge/spec";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { S3Store, type S3StoreOptions } from "../src/index.js";
import { hostileServer, lying, type Misbehavior, silent } from "./hostile-server.js";

const text = Buffer.from("text");

async function listAll(store: Store): Promise<void> {
  for await (const _ of store.list(""));
}

/** Every call of a store that makes a request. */
const calls: Readonly<Record<string, (store: S3Store) => Promise<unknown>>> = {
  head: (store) => store.head("key"),
  get: async (store) => {
    await using found = await store.get("key");
    for await (const _ of found.body);
  },
  "get of a range": async (store) => {
    await using found = await store.get("key", { range: { start: 1, end: 3 } });
    for await (const _ of found.body);
  },
  put: (store) => store.put("key", text),
  "put of much": (store) => store.put("key", new Uint8Array(4_000_000)),
  create: (store) => store.put("key", text, { condition: { kind: "ifAbsent" } }),
  replace: (store) => store.put("key", text, { condition: { kind: "ifMatch", etag: "0" } }),
  copy: (store) => store.copy("key", "other"),
  delete: (store) => store.delete("key"),
  list: listAll,
  checkConditionalPut: (store) => store.checkConditionalPut(),
  diagnose: (store) => store.diagnose(),
};

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "any");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "any");
  onTestFinished(() => void vi.unstubAllEnvs());
});

async function hostileStore(misbehave: Misbehavior, options: Partial<S3StoreOptions> = {}) {
  const { endpoint, connections } = await hostileServer(misbehave);
  const store = new S3Store({ bucket: "bucket", endpoint, answerTimeout: 100, copyTimeout: 200, retryTimeout: 250, ...options });
  onTestFinished(() => store[Symbol.asyncDispose]());
  return { store, connections };
}

/** Returns the error of a call. */
function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => {
      throw new Error(`resolved to ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}

describe.each(Object.entries(silent))("a service that %s", (behavior, misbehave) => {
  it.each(Object.entries(calls))("ends %s with STORE_UNAVAILABLE", async (name, call) => {
    // The answer to a HEAD has no body that could be late.
    if (name === "head" && /body/.test(behavior)) return;
    const { store } = await hostileStore(misbehave);
    const error = await errorOf(call(store));
    expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", details: { store: "s3" } });
    expect(error).toHaveProperty(
      "message",
      expect.stringMatching(/gave no complete answer within [\d.]+ s|has given no complete answer for 0.3 s/),
    );
  });

  it("is given up once for all calls, which then fail without another request", async () => {
    const { store, connections } = await hostileStore(misbehave, { answerTimeout: 2_000, retryTimeout: 250 });
    await errorOf(listAll(store));
    const before = connections();
    for (const call of Object.values(calls)) {
      expect(await errorOf(call(store))).toMatchObject({ code: "STORE_UNAVAILABLE", details: { gaveUp: true } });
    }
    expect(connections()).toBe(before);
  });
});

describe.each(Object.entries(lying))("what %s", (_behavior, misbehave) => {
  it.each(Object.entries(calls))("is not S3: %s", async (_, call) => {
    const { store } = await hostileStore(misbehave, { answerTimeout: 5_000, retryTimeout: 20_000 });
    expect(await errorOf(call(store))).toMatchObject({
      code: "STORE_UNAVAILABLE",
      details: { gaveUp: true },
      message: expect.stringMatching(/check the endpoint of the store/),
    });
  });
});

it("a retry is told to whoever listens", async () => {
  const told: unknown[] = [];
  const listener = (message: unknown): void => void told.push(message);
  subscribe(storeRetryChannel, listener);
  onTestFinished(() => void unsubscribe(storeRetryChannel, listener));
  const { store } = await hostileStore(() => {});
  await errorOf(listAll(store));
  expect(told[0]).toEqual({ store: "s3", problem: expect.stringMatching(/^127\.0\.0\.1:\d+ gave no complete answer within 0\.1 s$/) });
});
