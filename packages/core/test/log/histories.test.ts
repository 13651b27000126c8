import { isMlforgeError, type Store } from "@mlforge/spec";
import { faultyStore, memoryStore } from "@mlforge/testkit/store";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readPointer } from "../../src/log/pointer.js";
import { type Outcome, observe, publish, settleEarly } from "../../src/log/publish.js";
import { draft, logOf, readWhole } from "./drafts.js";

/** Seeds of random histories. A failing one is printed and replays with this number alone. */
const seeds = 300;
const writers = 4;
const buildsPerWriter = 4;

/** The pauses between retries pass at once, so that a history takes milliseconds. */
beforeAll(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterAll(() => {
  vi.useRealTimers();
});

interface History {
  /** Commit id by version, of every build that was told it had published. */
  readonly acknowledged: Map<string, string>;
  /** Every (version, commit) pair any reader ever saw. */
  readonly seen: Map<string, string>;
}

describe("random histories of several writers", () => {
  it(`${seeds} seeds: no version is seen in part, lost after it was acknowledged, or written twice`, async () => {
    for (let seed = 1; seed <= seeds; seed++) {
      try {
        await replay(seed, memoryStore());
      } catch (cause) {
        throw new Error(`the history of seed ${seed} broke a promise`, { cause });
      }
    }
  }, 300_000);

  it("would notice a store that ignores conditions", async () => {
    const broken: string[] = [];
    for (let seed = 1; seed <= 20; seed++)
      await replay(seed, careless(memoryStore())).catch((error: unknown) => broken.push(String(error)));
    expect(broken.length).toBeGreaterThan(10);
  }, 60_000);
});

/** A store whose every put succeeds, whatever its condition. */
function careless(inner: Store): Store {
  return {
    specVersion: inner.specVersion,
    name: inner.name,
    capabilities: inner.capabilities,
    head: (key, options) => inner.head(key, options),
    get: (key, options) => inner.get(key, options),
    put: (key, body) => inner.put(key, body),
    delete: (key, options) => inner.delete(key, options),
    list: (prefix, options) => inner.list(prefix, options),
    locate: (key) => inner.locate(key),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

async function replay(seed: number, truth: Store): Promise<void> {
  const random = mulberry32(seed);
  const jitter = vi.spyOn(Math, "random").mockImplementation(random);
  const history: History = { acknowledged: new Map(), seen: new Map() };
  let working = true;
  const pump = keepTimersRunning(() => working);
  const reader = keepReading(truth, history, () => working);
  const written = Promise.all(
    Array.from({ length: writers }, (_, writer) => {
      const store = faultyStore(truth, { seed: seed * writers + writer, failBefore: 0.05, failAfter: 0.05, maxDelay: 3 });
      return write(store, `${writer}`, random, history);
    }),
  ).finally(() => {
    working = false;
  });
  await Promise.all([written, pump, reader]);
  jitter.mockRestore();

  const final = await readWhole(truth, "f");
  for (const [version, commit] of history.seen) expect(final.get(version), `${version} was seen and then`).toBe(commit);
  for (const [version, commit] of history.acknowledged) expect(final.get(version), `${version} was acknowledged and then`).toBe(commit);
  await expectTruthfulPointer(truth, final);
}

async function write(store: Store, writer: string, random: () => number, history: History): Promise<void> {
  for (let build = 0; build < buildsPerWriter; build++) {
    const commitId = `${writer}.${build}`;
    const log = logOf(store, commitId);
    const made = draft(log, {
      logic: `logic ${Math.floor(random() * 2)}`,
      source: `source ${Math.floor(random() * 3)}`,
      content: commitId,
    });
    try {
      const observed = await observe(log);
      const settled = await settleEarly(log, made, observed);
      acknowledge(settled.kind === "open" ? await publish(log, made, settled.observed) : settled, commitId, history);
    } catch (error) {
      if (!isMlforgeError(error, "STORE_UNAVAILABLE")) throw error;
    }
  }
}

function acknowledge(outcome: Outcome, commitId: string, { acknowledged }: History): void {
  if (outcome.kind !== "published") return;
  const { version } = outcome.metadata;
  expect(acknowledged.has(version), `${version} was acknowledged twice`).toBe(false);
  acknowledged.set(version, commitId);
}

/** Reads everything again and again while the writers write; `readWhole` fails on a version that is there in part. */
async function keepReading(store: Store, { seen }: History, working: () => boolean): Promise<void> {
  let lastSeq = 0;
  while (working()) {
    for (const [version, commit] of await readWhole(store, "f")) {
      expect(seen.get(version) ?? commit, `${version} changed`).toBe(commit);
      seen.set(version, commit);
    }
    const pointer = await readPointer(store, "f");
    const seq = pointer?.value.seq ?? 0;
    expect(seq).toBeGreaterThanOrEqual(lastSeq);
    lastSeq = seq;
    if (pointer !== undefined) expect((await readWhole(store, "f")).has(pointer.value.version)).toBe(true);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
  }
}

/** The pointer names a version that exists, and its history counts every move once, each to a higher version. */
async function expectTruthfulPointer(store: Store, versions: ReadonlyMap<string, string>): Promise<void> {
  const pointer = (await readPointer(store, "f"))?.value;
  if (pointer === undefined) {
    expect(versions.size).toBe(0);
    return;
  }
  const moves = [...pointer.history].reverse();
  expect(moves.map((move) => move.seq)).toEqual(moves.map((_, index) => index + 1));
  expect(moves.at(-1)?.version).toBe(pointer.version);
  expect(new Set(moves.map((move) => move.version)).size).toBe(moves.length);
  for (const move of moves) expect(versions.has(move.version)).toBe(true);
}

async function keepTimersRunning(working: () => boolean): Promise<void> {
  while (working()) {
    await vi.advanceTimersByTimeAsync(1_000);
    await nextTurn();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A small seeded generator of numbers in [0, 1): mulberry32, public domain, by Tommy Ettinger. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
