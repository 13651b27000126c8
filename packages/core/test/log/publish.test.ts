import { isMlforgeError, MlforgeError, type Store } from "@mlforge/spec";
import { interceptStore, memoryStore, type StoreHook } from "@mlforge/testkit/store";
import { describe, expect, it } from "vitest";
import { dataKey, metadataKey } from "../../src/log/keys.js";
import { movePointer, readPointer } from "../../src/log/pointer.js";
import { observe, publish } from "../../src/log/publish.js";
import { build, candidate, logOf, readWhole } from "./candidates.js";

async function latest(store: Store): Promise<string | undefined> {
  return (await readPointer(store, "f"))?.value.version;
}

async function rollBack(store: Store, version: string): Promise<void> {
  const current = await readPointer(store, "f");
  if (current === undefined) throw new Error("nothing to roll back");
  const seq = current.value.seq + 1;
  const move = {
    seq,
    version,
    kind: "rollback",
    at: "2026-01-02T00:00:00.000Z",
    by: "somebody",
    reason: "bad data",
    commit_id: `rollback-${seq}`,
  };
  const pointer = { version, seq, history: [move, ...current.value.history] };
  await store.put("f/_latest.json", new TextEncoder().encode(JSON.stringify(pointer)), {
    condition: { kind: "ifMatch", etag: current.etag },
  });
}

/** A store that fails once, at the first moment `when` accepts. */
function failingOnce(inner: Store, when: (moment: Parameters<StoreHook>[0]) => boolean): Store {
  let failed = false;
  return interceptStore(inner, (moment) => {
    if (failed || !when(moment)) return;
    failed = true;
    throw new Error("killed");
  });
}

describe("the version rules at work", () => {
  it("numbers an initial build, other data, other logic, an added and a removed column", async () => {
    const store = memoryStore();
    const versions: (string | undefined)[] = [];
    for (const options of [
      {},
      { source: "other" },
      { source: "other", logic: "other" },
      { source: "other", logic: "more", columns: ["k", "a"] },
      { source: "other", logic: "less", columns: ["k"] },
    ]) {
      await build(store, `commit-${versions.length}`, options);
      versions.push(await latest(store));
    }
    expect(versions).toEqual(["1.0.0", "1.0.1", "1.1.0", "1.2.0", "2.0.0"]);
  });

  it("publishes nothing where nothing changed", async () => {
    const store = memoryStore();
    await build(store, "a");
    expect(await build(store, "b")).toEqual({ kind: "unchanged", version: "1.0.0" });
  });

  it("publishes under a given number, and refuses one that exists", async () => {
    const store = memoryStore();
    await build(store, "a", { version: "3.1.4" });
    expect(await latest(store)).toBe("3.1.4");
    await expect(build(store, "b", { version: "3.1.4", source: "other" })).rejects.toSatisfy((error) =>
      isMlforgeError(error, "VERSION_EXISTS"),
    );
    expect(await readWhole(store, "f")).toEqual(new Map([["3.1.4", "a"]]));
  });

  it("never moves the pointer back to a lower given number", async () => {
    const store = memoryStore();
    await build(store, "a", { version: "2.0.0" });
    const outcome = await build(store, "b", { version: "1.0.0", source: "other" });
    expect(outcome).toMatchObject({ kind: "published", move: { moved: false, because: "newer", latest: "2.0.0" } });
    expect(await latest(store)).toBe("2.0.0");
  });
});

describe("races", () => {
  it("two builders of one number publish two versions", async () => {
    const store = memoryStore();
    const [a, b] = [logOf(store, "a"), logOf(store, "b")];
    const [seenByA, seenByB] = [await observe(a), await observe(b)];
    const outcomes = await Promise.all([
      publish(a, candidate(a, { source: "one" }), seenByA),
      publish(b, candidate(b, { source: "two" }), seenByB),
    ]);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(["published", "published"]);
    expect([...(await readWhole(store, "f")).values()].sort()).toEqual(["a", "b"]);
  });

  it("a build that was overtaken by the same content publishes nothing", async () => {
    const store = memoryStore();
    const slow = logOf(store, "slow");
    const seen = await observe(slow);
    await build(store, "fast");
    expect(await publish(slow, candidate(slow), seen)).toEqual({ kind: "unchanged", version: "1.0.0" });
    expect(await readWhole(store, "f")).toEqual(new Map([["1.0.0", "fast"]]));
  });

  it("the pointer never goes back by a build", async () => {
    const store = memoryStore();
    await build(store, "first");
    const slow = logOf(store, "slow");
    const seen = await observe(slow);
    await build(store, "fast", { logic: "other" });
    const move = { version: "1.0.1", kind: "build" as const, at: "", by: "", reason: "", commit_id: "slow" };
    expect(await movePointer(store, "f", move, seen)).toEqual({ moved: false, latest: "1.1.0", because: "newer" });
    expect(await latest(store)).toBe("1.1.0");
  });

  it("a rollback during a build is respected", async () => {
    const store = memoryStore();
    await build(store, "a");
    await build(store, "b", { source: "two" });
    const log = logOf(store, "c");
    const seen = await observe(log);
    await rollBack(store, "1.0.0");
    const outcome = await publish(log, candidate(log, { source: "three" }), seen);
    expect(outcome).toMatchObject({ kind: "published", metadata: { version: "1.0.2" }, move: { moved: false, because: "rolled back" } });
    expect(await latest(store)).toBe("1.0.0");
  });

  it("the next build after a rollback takes the next free number", async () => {
    const store = memoryStore();
    await build(store, "a");
    await build(store, "b", { source: "two" });
    await rollBack(store, "1.0.0");
    const outcome = await build(store, "c", { source: "three" });
    expect(outcome).toMatchObject({ kind: "published", metadata: { version: "1.0.2" }, move: { moved: true } });
  });

  it("a version that was rolled back is not promoted", async () => {
    const store = memoryStore();
    await build(store, "a");
    await build(store, "b", { source: "two" });
    await rollBack(store, "1.0.0");
    expect(await build(store, "c", { source: "two" })).toMatchObject({ kind: "published", metadata: { version: "1.0.2" } });
  });
});

describe("crashes", () => {
  it("a finished version that was never latest is promoted", async () => {
    const store = memoryStore();
    const dying = failingOnce(
      store,
      ({ phase, operation }) => phase === "before" && operation.name === "put" && operation.key.endsWith("_latest.json"),
    );
    await expect(build(dying, "a")).rejects.toThrow("killed");
    expect(await latest(store)).toBeUndefined();
    expect(await build(store, "b")).toEqual({ kind: "promoted", version: "1.0.0", move: { moved: true } });
    expect(await readWhole(store, "f")).toEqual(new Map([["1.0.0", "a"]]));
  });

  it("a finished version of other content stays, and the next number is taken", async () => {
    const store = memoryStore();
    const dying = failingOnce(
      store,
      ({ phase, operation }) => phase === "before" && operation.name === "put" && operation.key.endsWith("_latest.json"),
    );
    await expect(build(dying, "a")).rejects.toThrow("killed");
    expect(await build(store, "b", { source: "other" })).toMatchObject({ kind: "published", metadata: { version: "1.0.1" } });
    expect(await latest(store)).toBe("1.0.1");
  });

  it("a claim without metadata is no version, and its number is not used again", async () => {
    const store = memoryStore();
    const dying = failingOnce(store, ({ phase, operation }) => phase === "before" && operation.key === dataKey("f", "1.0.0"));
    await expect(build(dying, "a")).rejects.toThrow("killed");
    expect(await readWhole(store, "f")).toEqual(new Map());
    expect(await build(store, "b")).toMatchObject({ kind: "published", metadata: { version: "1.0.1" } });
  });

  it("metadata without a claim takes its number", async () => {
    const store = memoryStore();
    await build(store, "a");
    await store.delete("f/1.0.0/.claim.json");
    await store.delete("f/_latest.json");
    expect(await build(store, "b", { source: "other" })).toMatchObject({ kind: "published", metadata: { version: "1.0.1" } });
  });
});

describe("lost replies", () => {
  const keys = ["f/1.0.0/.claim.json", dataKey("f", "1.0.0"), metadataKey("f", "1.0.0"), "f/_latest.json"];
  const titles = [
    "a create whose reply was lost is recognised",
    "data whose reply was lost is written again",
    "a commit whose reply was lost is recognised",
    "a move whose reply was lost is recognised",
  ];
  it.each(keys.map((key, index) => [titles[index] ?? key, key]))("%s", async (_, key) => {
    const inner = memoryStore();
    let losses = 0;
    const store = interceptStore(inner, ({ phase, operation }) => {
      if (losses > 0 || phase !== "after" || operation.name !== "put" || operation.key !== key) return;
      losses += 1;
      throw new MlforgeError("STORE_UNAVAILABLE", "the reply was lost", { store: "memory", operation: "put" });
    });
    expect(await build(store, "a")).toMatchObject({ kind: "published", metadata: { version: "1.0.0" }, move: { moved: true } });
    expect(losses).toBe(1);
    expect(await readWhole(inner, "f")).toEqual(new Map([["1.0.0", "a"]]));
    expect((await readPointer(inner, "f"))?.value).toMatchObject({ version: "1.0.0", seq: 1, history: [{ seq: 1, commit_id: "a" }] });
  });
});
