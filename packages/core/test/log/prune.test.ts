import { createHash } from "node:crypto";
import { isMlforgeError, MlforgeError, type Store } from "@mlforge/spec";
import { interceptStore, memoryStore, recordingStore, type StoreHook } from "@mlforge/testkit/store";
import { beforeEach, describe, expect, it } from "vitest";
import { readHistory } from "../../src/log/history.js";
import { claimKey, dataKey, metadataKey } from "../../src/log/keys.js";
import { type PrunedFeature, pruneFeature } from "../../src/log/prune.js";
import type { PruneRules } from "../../src/log/prune-plan.js";
import { release } from "../../src/log/release.js";
import { rollBack } from "../../src/log/rollback.js";
import { resolveVersion } from "../../src/log/versions.js";
import { build, bytesOf, logOf, readWhole } from "./candidates.js";

/** Versions are published on the first of January, and pruned on the tenth. */
const published = new Date("2026-01-01T00:00:00Z");
const now = Date.parse("2026-01-10T00:00:00Z");

let store: Store;
beforeEach(async () => {
  store = await filled(["one", "two", "three", "four"]);
});

async function filled(sources: readonly string[]): Promise<Store> {
  const made = memoryStore({ now: () => published });
  for (const source of sources) await build(made, `build ${source}`, { source });
  return made;
}

let commits = 0;
function prune(on: Store, options: Partial<PruneRules> = {}, dryRun = false): Promise<PrunedFeature> {
  commits += 1;
  const rules = { keep: 1, olderThan: 1_000, now, isPinned: () => false, isLocked: () => false, ...options };
  return pruneFeature(logOf(on, `prune ${commits}`), rules, dryRun);
}

async function keysOf(from: Store): Promise<string[]> {
  const keys: string[] = [];
  for await (const entry of from.list("")) if (entry.kind === "object") keys.push(entry.info.key);
  return keys;
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "none",
    (error: unknown) => (isMlforgeError(error) ? error.code : String(error)),
  );
}

/** What a reader of the latest version does, held against its hash. */
async function readLatest(from: Store): Promise<string> {
  const { version, files } = await resolveVersion(from, "f", "latest");
  const bytes = await bytesOf(from, dataKey("f", version));
  expect(
    createHash("sha256")
      .update(bytes ?? "")
      .digest("hex"),
    `the data of ${version}`,
  ).toBe(files[0]?.sha256);
  return version;
}

/** Every moment of a call on a store, by its index. */
async function momentsOf(make: () => Promise<Store>, call: (on: Store) => Promise<unknown>): Promise<number> {
  let moments = 0;
  await call(
    interceptStore(await make(), () => {
      moments += 1;
    }),
  );
  return moments;
}

/** A store that does something at its nth moment. */
function at(moment: number, inner: Store, act: () => unknown): Store {
  let moments = 0;
  const hook: StoreHook = async () => {
    moments += 1;
    if (moments === moment) await act();
  };
  return interceptStore(inner, hook);
}

describe("a prune", () => {
  it("removes metadata and data, keeps claims, and takes the numbers out of use in one move", async () => {
    const { store: recorded, operations } = recordingStore(store);
    const result = await prune(recorded);
    expect(result).toMatchObject({ feature: "f", latest: "1.0.3", kept: [{ version: "1.0.3", because: ["latest", "newest"] }] });
    expect(result.removed.map(({ version, because }) => `${version} ${because}`)).toEqual(["1.0.0 old", "1.0.1 old", "1.0.2 old"]);
    expect(await keysOf(store)).toEqual([
      "f/1.0.0/.claim.json",
      "f/1.0.1/.claim.json",
      "f/1.0.2/.claim.json",
      "f/1.0.3/.claim.json",
      "f/1.0.3/.meta.json",
      "f/1.0.3/data.parquet",
      "f/_latest.json",
    ]);
    expect(await readHistory(store, "f")).toMatchObject({
      latest: "1.0.3",
      pruned: ["1.0.0", "1.0.1", "1.0.2"],
      history: [{ seq: 5, kind: "prune", version: "1.0.3", by: "somebody", reason: "removed 1.0.0, 1.0.1, 1.0.2" }, {}, {}, {}, {}],
    });
    // The pointer, one list, the metadata of each version; then the move, and two deletions for each version.
    expect(operations.map(({ name }) => name).join(" ")).toBe(`get list ${"get ".repeat(4)}put ${"delete ".repeat(6)}`.trim());
  });

  it("tried dry counts the same bytes and writes nothing", async () => {
    const before = await keysOf(store);
    const dry = await prune(store, {}, true);
    expect(await keysOf(store)).toEqual(before);
    expect(await prune(store)).toEqual(dry);
    const size = async (key: string): Promise<number> => (await bytesOf(await filled(["one"]), key))?.length ?? 0;
    expect(dry.removed[0]?.bytes).toBe((await size(metadataKey("f", "1.0.0"))) + (await size(dataKey("f", "1.0.0"))));
  });

  it("finishes an interrupted prune before it writes, and lets its own move use the reserve of the store", async () => {
    const dying = interceptStore(store, ({ phase, operation }) => {
      if (phase === "before" && operation.name === "delete") throw new Error("killed");
    });
    await expect(prune(dying, { keep: 3 })).rejects.toThrow("killed");
    const calls: string[] = [];
    const watched = interceptStore(store, ({ phase, operation }) => {
      if (phase === "before" && operation.name !== "get") calls.push(`${operation.name} ${operation.key}`);
    });
    const puts: unknown[] = [];
    const original = watched.put.bind(watched);
    const put: Store["put"] = (key, body, options) => {
      puts.push([key, options?.useReserve]);
      return original(key, body, options);
    };
    const { removed } = await prune(Object.assign(watched, { put }), { keep: 2 });
    expect(removed.map(({ version, because }) => `${version} ${because}`)).toEqual(["1.0.0 unfinished", "1.0.1 old"]);
    expect(calls).toEqual([
      "list f/",
      "delete f/1.0.0/.meta.json",
      "delete f/1.0.0/data.parquet",
      "put f/_latest.json",
      "delete f/1.0.1/.meta.json",
      "delete f/1.0.1/data.parquet",
    ]);
    expect(puts).toEqual([["f/_latest.json", true]]);
  });

  it("done again writes nothing", async () => {
    await prune(store);
    const { store: recorded, operations } = recordingStore(store);
    expect((await prune(recorded)).removed).toEqual([]);
    expect(operations.map(({ name }) => name)).toEqual(["get", "list", "get"]);
  });

  it("leaves a feature alone of which no version is latest", async () => {
    await store.delete("f/_latest.json");
    const before = await keysOf(store);
    expect(await prune(store)).toEqual({ feature: "f", latest: undefined, removed: [], kept: [] });
    expect(await keysOf(store)).toEqual(before);
  });

  it("keeps the latest version after a rollback, and what cannot be read", async () => {
    await rollBack(logOf(store, "back"), { to: { version: "1.0.0" }, hold: false, reason: "", dryRun: false });
    await store.put(metadataKey("f", "1.0.1"), new TextEncoder().encode("{"));
    const { removed, kept } = await prune(store, { keep: 0 });
    expect(removed.map(({ version }) => version)).toEqual(["1.0.2", "1.0.3"]);
    expect(kept).toEqual([
      { version: "1.0.0", because: ["latest"] },
      { version: "1.0.1", because: ["unreadable"] },
    ]);
  });

  it("of a version says so to who reads it or rolls back to it, and its number is not used again", async () => {
    await prune(store);
    const message = 'version 1.0.1 of feature "f" was pruned; known versions: 1.0.3';
    await expect(resolveVersion(store, "f", "1.0.1")).rejects.toMatchObject({ code: "VERSION_NOT_FOUND", message });
    const back = rollBack(logOf(store, "back"), { to: { version: "1.0.1" }, hold: false, reason: "", dryRun: false });
    await expect(back).rejects.toMatchObject({ code: "VERSION_NOT_FOUND", message });
    expect(await codeOf(build(store, "again", { version: "1.0.1", source: "five" }))).toBe("VERSION_EXISTS");
    expect(await build(store, "next", { source: "five" })).toMatchObject({ metadata: { version: "1.0.4" } });
  });

  it("of a Git clone, which has no claims, makes them", async () => {
    for (const version of ["1.0.0", "1.0.1", "1.0.2", "1.0.3"]) await store.delete(claimKey("f", version));
    await prune(store);
    expect((await keysOf(store)).filter((key) => key.endsWith(".claim.json"))).toHaveLength(3);
  });

  it("is known in another clone, which has neither claim nor metadata, by the pointer alone", async () => {
    await rollBack(logOf(store, "back"), { to: { version: "1.0.0" }, hold: false, reason: "", dryRun: false });
    await prune(store, { keep: 0 });
    for (const version of ["1.0.1", "1.0.2", "1.0.3"]) await store.delete(claimKey("f", version));
    expect(await codeOf(build(store, "given", { version: "1.0.1", source: "five" }))).toBe("VERSION_EXISTS");
    expect(await build(store, "next", { source: "five" })).toMatchObject({ metadata: { version: "1.0.4" } });
  });
});

describe("what a build that died has left", () => {
  async function die(moment: (key: string) => boolean): Promise<void> {
    const dying = interceptStore(store, ({ phase, operation }) => {
      if (phase === "after" && operation.name === "put" && moment(operation.key)) throw new Error("killed");
    });
    await expect(build(dying, "dead", { source: "dead" })).rejects.toThrow("killed");
  }

  it("is removed after a day, or after what is kept where that is longer; its number stays taken", async () => {
    await die((key) => key.endsWith("data.parquet"));
    const day = 24 * 60 * 60 * 1_000;
    for (const options of [{ now: published.getTime() + day }, { olderThan: 9 * day }]) {
      expect((await prune(store, { keep: 9, ...options })).removed).toEqual([]);
    }
    const { removed } = await prune(store, { keep: 9, now: published.getTime() + day + 1 });
    expect(removed).toEqual([{ version: "1.0.4", because: "abandoned", bytes: "logic dead".length }]);
    expect(await keysOf(store)).toContain("f/1.0.4/.claim.json");
    expect(await keysOf(store)).not.toContain("f/1.0.4/data.parquet");
    expect((await readHistory(store, "f")).history[0]?.reason).toBe("removed 1.0.4 (abandoned)");
    expect(await build(store, "next", { source: "five" })).toMatchObject({ metadata: { version: "1.0.5" } });
  });

  it("is no bytes where it only had claimed; the number is taken out of use, so that verify is silent, and once", async () => {
    await die((key) => key.endsWith(".claim.json"));
    expect((await prune(store, { keep: 9 })).removed).toEqual([{ version: "1.0.4", because: "abandoned", bytes: 0 }]);
    expect((await readHistory(store, "f")).pruned).toEqual(["1.0.4"]);
    expect((await prune(store, { keep: 9 })).removed).toEqual([]);
  });

  it("is not a folder without claim and metadata, which is not ours", async () => {
    await store.put("f/7.0.0/data.parquet", new Uint8Array(1));
    await store.put("f/notes/1.0.0/data.parquet", new Uint8Array(1));
    expect((await prune(store, { keep: 9 })).removed).toEqual([]);
  });
});

describe("interrupted at every request", () => {
  it("a reader of latest never fails, the next prune finishes, and no number is used again", async () => {
    const make = () => filled(["one", "two", "three"]);
    const moments = await momentsOf(make, (on) => prune(on));
    expect(moments).toBeGreaterThan(15);
    for (let moment = 1; moment <= moments; moment++) {
      const truth = await make();
      const watched = interceptStore(truth, async () => {
        expect(await readLatest(truth)).toBe("1.0.2");
      });
      const dying = at(moment, watched, () => {
        throw new Error("killed");
      });
      await expect(prune(dying), `moment ${moment}`).rejects.toThrow("killed");
      expect(await readLatest(truth)).toBe("1.0.2");
      // Where the numbers are out of use, nothing is rolled back to them, though their files may still be there.
      const { pruned } = await readHistory(truth, "f");
      const back = rollBack(logOf(truth, "back"), { to: { version: "1.0.0" }, hold: false, reason: "", dryRun: true });
      expect(await codeOf(back)).toBe(pruned.includes("1.0.0") ? "VERSION_NOT_FOUND" : "none");
      expect(await build(truth, "between", { source: "between" })).toMatchObject({ kind: "published", metadata: { version: "1.0.3" } });

      await prune(truth, { keep: 2 });
      expect([...(await readWhole(truth, "f")).keys()], `after moment ${moment}`).toEqual(["1.0.2", "1.0.3"]);
      expect((await keysOf(truth)).filter((key) => /1\.0\.[01]/.test(key))).toEqual(["f/1.0.0/.claim.json", "f/1.0.1/.claim.json"]);
      expect(await build(truth, "after", { source: "after" })).toMatchObject({ kind: "published", metadata: { version: "1.0.4" } });
    }
  });

  it("a reply that was lost is recognised, and the numbers are told once", async () => {
    const lossy = interceptStore(store, ({ phase, operation }) => {
      if (phase === "after" && operation.name === "put" && operation.key === "f/_latest.json" && operation.index < 10)
        throw new MlforgeError("STORE_UNAVAILABLE", "the reply was lost", { store: "memory", operation: "put" });
    });
    expect((await prune(lossy)).removed).toHaveLength(3);
    expect((await readHistory(store, "f")).history.filter(({ kind }) => kind === "prune")).toHaveLength(1);
  });
});

describe("races", () => {
  it("a rollback at every moment of a prune either keeps its version whole or is refused", async () => {
    const make = () => filled(["one", "two", "three"]);
    const moments = await momentsOf(make, (on) => prune(on));
    const outcomes = new Set<string>();
    for (let moment = 1; moment <= moments; moment++) {
      const truth = await make();
      let outcome = "";
      const raced = at(moment, truth, async () => {
        outcome = await codeOf(rollBack(logOf(truth, "back"), { to: { version: "1.0.0" }, hold: false, reason: "", dryRun: false }));
      });
      const { removed } = await prune(raced);
      outcomes.add(outcome);
      expect(await readLatest(truth)).toBe(outcome === "none" ? "1.0.0" : "1.0.2");
      expect(removed.some(({ version }) => version === "1.0.0")).toBe(outcome !== "none");
      await readWhole(truth, "f");
    }
    expect([...outcomes].sort()).toEqual(["VERSION_NOT_FOUND", "none"]);
  });

  it("a prune at every moment of a rollback does so too", async () => {
    const make = () => filled(["one", "two", "three"]);
    const back = (on: Store) => rollBack(logOf(on, "back"), { to: { version: "1.0.0" }, hold: false, reason: "", dryRun: false });
    const moments = await momentsOf(make, back);
    const outcomes = new Set<string>();
    for (let moment = 1; moment <= moments; moment++) {
      const truth = await make();
      const outcome = await codeOf(back(at(moment, truth, () => prune(truth))));
      outcomes.add(outcome);
      expect(await readLatest(truth)).toBe(outcome === "none" ? "1.0.0" : "1.0.2");
      await readWhole(truth, "f");
    }
    expect([...outcomes].sort()).toEqual(["VERSION_NOT_FOUND", "none"]);
  });

  it("a prune at every moment of a build that was taken for dead: it is refused, or whole and latest, and building again works", async () => {
    const make = () => filled(["one", "two"]);
    const slow = (on: Store) => build(on, "slow", { source: "slow" });
    const moments = await momentsOf(make, slow);
    const outcomes = new Set<string>();
    for (let moment = 1; moment <= moments; moment++) {
      const truth = await make();
      const outcome = await codeOf(slow(at(moment, truth, () => prune(truth))));
      outcomes.add(outcome);
      const { latest, pruned } = await readHistory(truth, "f");
      expect(latest).toBe(outcome === "none" ? "1.0.2" : "1.0.1");
      expect(pruned.includes("1.0.2")).toBe(outcome !== "none");
      await readLatest(truth);
      expect(await build(truth, "again", { source: "slow" })).toMatchObject(
        outcome === "none" ? { kind: "unchanged" } : { metadata: { version: "1.0.3" } },
      );
      await prune(truth, { keep: 9 });
      await readWhole(truth, "f");
    }
    expect([...outcomes].sort()).toEqual(["STORE_CONFLICT", "none"]);
  });

  it("a prune at every moment of a promotion leaves nothing half promoted", async () => {
    const make = async (): Promise<Store> => {
      const truth = await filled(["one"]);
      await rollBack(logOf(truth, "hold"), { to: { version: "1.0.0" }, hold: true, reason: "", dryRun: false });
      await build(truth, "while held", { source: "two" });
      await build(truth, "while held too", { source: "three" });
      await release(logOf(truth, "release"), "");
      return truth;
    };
    const promote = (on: Store) => build(on, "promote", { source: "two" });
    const moments = await momentsOf(make, promote);
    const kinds = new Set<string>();
    for (let moment = 1; moment <= moments; moment++) {
      const truth = await make();
      const outcome = await promote(at(moment, truth, () => prune(truth)));
      kinds.add(outcome.kind);
      expect(await readLatest(truth)).toBe(outcome.kind === "promoted" ? "1.0.1" : "1.0.3");
    }
    expect([...kinds].sort()).toEqual(["promoted", "published"]);
  });

  it("a reader that saw the pointer before a rollback and a prune reads the version that is latest since", async () => {
    let done = false;
    const reader = interceptStore(store, async ({ phase, operation }) => {
      if (done || phase !== "before" || operation.key !== metadataKey("f", "1.0.3")) return;
      done = true;
      await rollBack(logOf(store, "back"), { to: { version: "1.0.0" }, hold: false, reason: "", dryRun: false });
      await prune(store, { keep: 0 });
    });
    expect((await resolveVersion(reader, "f", "latest")).version).toBe("1.0.0");
  });
});
