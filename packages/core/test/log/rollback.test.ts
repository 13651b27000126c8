import { isMlforgeError, MlforgeError, type Store } from "@mlforge/spec";
import { interceptStore, memoryStore } from "@mlforge/testkit/store";
import { beforeEach, describe, expect, it } from "vitest";
import { readHistory } from "../../src/log/history.js";
import { dataKey, metadataKey } from "../../src/log/keys.js";
import { observe, publish } from "../../src/log/publish.js";
import { release } from "../../src/log/release.js";
import { type Rollback, type RollbackRequest, rollBack } from "../../src/log/rollback.js";
import { build, candidate, logOf } from "./candidates.js";

let store: Store;
beforeEach(async () => {
  store = memoryStore();
  for (const source of ["one", "two", "three"]) await build(store, `build ${source}`, { source });
});

let commits = 0;
function back(to: RollbackRequest["to"] | string, options: Partial<RollbackRequest> = {}, on: Store = store): Promise<Rollback> {
  commits += 1;
  const request = { hold: false, reason: "bad data", dryRun: false, ...options };
  const wanted = typeof to === "string" && to !== "previous" ? { version: to } : to;
  return rollBack(logOf(on, `rollback ${commits}`), { ...request, to: wanted });
}

async function versions(): Promise<string[]> {
  return (await readHistory(store, "f")).history.map(({ kind, version }) => `${kind} ${version}`);
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "none",
    (error: unknown) => (isMlforgeError(error) ? `${error.code}: ${error.message}` : String(error)),
  );
}

/** A store that does something once, at the first put of the pointer. */
function meddled(meddle: () => Promise<unknown>, phase: "before" | "after" = "before"): Store {
  let done = false;
  return interceptStore(store, async (moment) => {
    if (done || moment.phase !== phase || moment.operation.name !== "put" || moment.operation.key !== "f/_latest.json") return;
    done = true;
    await meddle();
  });
}

describe("a rollback", () => {
  it("makes an older version latest, and says who did it, when and why", async () => {
    expect(await back("1.0.0")).toEqual({ feature: "f", from: "1.0.2", to: "1.0.0", moved: true, held: false, dryRun: false });
    const { latest, held, history } = await readHistory(store, "f");
    expect({ latest, held }).toEqual({ latest: "1.0.0", held: false });
    expect(history[0]).toEqual({
      seq: 4,
      version: "1.0.0",
      kind: "rollback",
      at: "2026-01-01T00:00:00.000Z",
      by: "somebody",
      reason: "bad data",
      commit_id: `rollback ${commits}`,
    });
  });

  it("goes forward as well as back", async () => {
    await back("1.0.0");
    expect(await back("1.0.2")).toMatchObject({ from: "1.0.0", to: "1.0.2", moved: true });
  });

  it("to what is latest writes nothing", async () => {
    expect(await back("1.0.2")).toEqual({ feature: "f", from: "1.0.2", to: "1.0.2", moved: false, held: false, dryRun: false });
    expect(await versions()).toEqual(["build 1.0.2", "build 1.0.1", "build 1.0.0"]);
  });

  it("to what is latest with a hold records the hold, once", async () => {
    expect(await back("1.0.2", { hold: true })).toMatchObject({ moved: true, held: true, dryRun: false });
    expect(await back("1.0.2", { hold: true })).toMatchObject({ moved: false, held: true, dryRun: false });
    expect((await versions())[0]).toBe("hold 1.0.2");
    expect((await readHistory(store, "f")).history).toHaveLength(4);
  });

  it("keeps a hold that is there", async () => {
    await back("1.0.0", { hold: true });
    expect(await back("1.0.1")).toMatchObject({ moved: true, held: true, dryRun: false });
  });

  it("tried dry tells what would be and writes nothing", async () => {
    expect(await back("1.0.0", { dryRun: true, hold: true })).toEqual({
      feature: "f",
      from: "1.0.2",
      to: "1.0.0",
      moved: true,
      held: true,
      dryRun: true,
    });
    expect(await codeOf(back("9.0.0", { dryRun: true }))).toMatch("VERSION_NOT_FOUND");
    expect(await versions()).toHaveLength(3);
  });

  it("makes a pointer where there is none", async () => {
    await store.delete("f/_latest.json");
    expect(await back("1.0.1")).toEqual({ feature: "f", from: undefined, to: "1.0.1", moved: true, held: false, dryRun: false });
    expect(await readHistory(store, "f")).toMatchObject({ latest: "1.0.1", history: [{ seq: 1, kind: "rollback" }] });
  });
});

describe("the previous version", () => {
  it("is the one that was latest before, not the next lower number; twice returns", async () => {
    await back("1.0.0");
    expect(await back("previous")).toMatchObject({ from: "1.0.0", to: "1.0.2", moved: true });
    expect(await back("previous")).toMatchObject({ from: "1.0.2", to: "1.0.0", moved: true });
  });

  it("is not changed by a hold and a release", async () => {
    await back("1.0.0");
    await back("1.0.0", { hold: true });
    await release(logOf(store, "release"), "");
    expect(await back("previous")).toMatchObject({ to: "1.0.2" });
  });

  it("is unknown after the first build, and where nothing was built", async () => {
    const young = memoryStore();
    expect(await codeOf(back("previous", {}, young))).toBe(
      'VERSION_NOT_FOUND: feature "f" has no previous version: none of its versions is latest; pass the version to roll back to',
    );
    await build(young, "a");
    expect(await codeOf(back("previous", {}, young))).toBe(
      'VERSION_NOT_FOUND: feature "f" has no previous version: its history contains no version that was latest before 1.0.0; pass the version to roll back to',
    );
  });
});

describe("a version that cannot be latest", () => {
  it("was never published", async () => {
    expect(await codeOf(back("1.0.9"))).toBe('VERSION_NOT_FOUND: no version of feature "f" is 1.0.9; known versions: 1.0.0, 1.0.1, 1.0.2');
  });

  it("has no data", async () => {
    await store.delete(dataKey("f", "1.0.0"));
    expect(await codeOf(back("1.0.0"))).toMatch(/^DATA_CORRUPT: "f\/1\.0\.0\/data\.parquet" is not what was published: it is missing/);
  });

  it("has data of another size", async () => {
    await store.put(dataKey("f", "1.0.0"), new Uint8Array(3));
    expect(await codeOf(back("1.0.0"))).toMatch(/^DATA_CORRUPT: .* it has 3 bytes instead of 9/);
  });

  it("has torn metadata", async () => {
    await store.put(metadataKey("f", "1.0.0"), new TextEncoder().encode("{"));
    expect(await codeOf(back("1.0.0"))).toMatch("METADATA_INVALID");
  });

  it("is held at latest all the same", async () => {
    await store.delete(dataKey("f", "1.0.2"));
    expect(await back("1.0.2", { hold: true })).toMatchObject({ moved: true, held: true, dryRun: false });
  });
});

describe("races", () => {
  it("to a version: a build that came between is gone past", async () => {
    const raced = meddled(() => build(store, "rival", { source: "four" }));
    expect(await back("1.0.0", {}, raced)).toMatchObject({ from: "1.0.3", to: "1.0.0", moved: true });
    expect((await versions()).slice(0, 2)).toEqual(["rollback 1.0.0", "build 1.0.3"]);
  });

  it("to a version: somebody who did the same leaves nothing to do", async () => {
    const raced = meddled(() => back("1.0.0"));
    expect(await back("1.0.0", {}, raced)).toMatchObject({ from: "1.0.0", to: "1.0.0", moved: false });
  });

  it("to the previous: a build or a rollback that came between ends it, and nothing moves", async () => {
    const built = meddled(() => build(store, "rival", { source: "four" }));
    const message = await codeOf(back("previous", {}, built));
    expect(message).toMatch(/^POINTER_MOVED: somebody moved feature "f" from 1\.0\.2 to 1\.0\.3 in between/);
    expect(
      await codeOf(
        back(
          "previous",
          {},
          meddled(() => back("1.0.0")),
        ),
      ),
    ).toMatch("POINTER_MOVED");
    // There and back again: the version is the same, and what was before it is not.
    const there = meddled(async () => {
      await back("1.0.2");
      await back("1.0.0");
    });
    expect(await codeOf(back("previous", {}, there))).toMatch("POINTER_MOVED");
    expect((await readHistory(store, "f")).latest).toBe("1.0.0");
  });

  it("to the previous: a hold that came between changes nothing", async () => {
    const raced = meddled(() => back("1.0.2", { hold: true }));
    expect(await back("previous", {}, raced)).toEqual({ feature: "f", from: "1.0.2", to: "1.0.1", moved: true, held: true, dryRun: false });
  });

  it.each(["1.0.0", "previous"] as const)("to %s: a reply that was lost is recognised, also where somebody moved on since", async (to) => {
    for (const since of [async () => {}, () => build(store, "later", { source: "later" })]) {
      const lossy = meddled(async () => {
        await since();
        throw new MlforgeError("STORE_UNAVAILABLE", "the reply was lost", { store: "memory", operation: "put" });
      }, "after");
      await back("1.0.2");
      const { history } = await readHistory(store, "f");
      expect(await back(to, {}, lossy)).toMatchObject({ moved: true });
      const added = (await readHistory(store, "f")).history.slice(0, -history.length).filter(({ kind }) => kind === "rollback");
      expect(added).toHaveLength(1);
    }
  });
});

describe("a hold", () => {
  it("lets builds publish and keeps them from being latest; the first build after its end promotes and builds nothing", async () => {
    await back("1.0.0", { hold: true });
    const held = await build(store, "while held", { source: "four" });
    expect(held).toMatchObject({
      kind: "published",
      metadata: { version: "1.0.3" },
      move: { moved: false, because: "held", latest: "1.0.0" },
    });
    for (const again of ["again", "and again"]) {
      expect(await build(store, again, { source: "four" })).toEqual({
        kind: "promoted",
        version: "1.0.3",
        move: { moved: false, because: "held", latest: "1.0.0" },
      });
    }
    expect(await release(logOf(store, "release"), "mended")).toEqual({ feature: "f", version: "1.0.0", released: true });
    expect(await build(store, "after", { source: "four" })).toEqual({ kind: "promoted", version: "1.0.3", move: { moved: true } });
    expect((await versions()).slice(0, 3)).toEqual(["build 1.0.3", "release 1.0.0", "rollback 1.0.0"]);
  });

  it("that ended while a build ran does not keep it from being latest", async () => {
    await back("1.0.2", { hold: true });
    const log = logOf(store, "slow");
    const seen = await observe(log);
    await release(logOf(store, "release"), "");
    expect(await publish(log, candidate(log, { source: "four" }), seen)).toMatchObject({ kind: "published", move: { moved: true } });
  });

  it("that is not there needs no end", async () => {
    expect(await release(logOf(store, "release"), "")).toEqual({ feature: "f", version: "1.0.2", released: false });
    expect(await codeOf(release(logOf(memoryStore(), "release"), ""))).toMatch("VERSION_NOT_FOUND");
  });

  it("whose end lost its reply has ended", async () => {
    await back("1.0.0", { hold: true });
    const lossy = meddled(async () => {
      throw new MlforgeError("STORE_UNAVAILABLE", "the reply was lost", { store: "memory", operation: "put" });
    }, "after");
    expect(await release(logOf(lossy, "release"), "")).toMatchObject({ released: true });
    expect((await readHistory(store, "f")).history.filter(({ kind }) => kind === "release")).toHaveLength(1);
  });
});
