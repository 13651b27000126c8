import { isMlforgeError, type Store } from "@mlforge/spec";
import { faultyStore, memoryStore } from "@mlforge/testkit/store";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readHistory } from "../../src/log/history.js";
import { pruneFeature } from "../../src/log/prune.js";
import type { PruneRules } from "../../src/log/prune-plan.js";
import { release } from "../../src/log/release.js";
import { rollBack } from "../../src/log/rollback.js";
import { build, logOf, readWhole } from "./candidates.js";
import { careless } from "./careless.js";
import { mulberry32 } from "./history.js";
import { expectStep, type PointerState, previousOf, watchPointer } from "./pointer-states.js";

/** Seeds of random histories. A failing one is printed and replays with this number alone. */
const seeds = 300;
const actors = 4;
const callsPerActor = 8;

/** The pauses between retries pass at once. */
beforeAll(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterAll(() => {
  vi.useRealTimers();
});

/** What somebody asked for, what they were told, and which states the pointer had meanwhile: from `start` to `end`, both included. */
interface Call {
  readonly commitId: string;
  readonly start: number;
  readonly end: number;
  readonly told:
    | { readonly kind: "build"; readonly version: string; readonly published: boolean; readonly moved: boolean }
    | {
        readonly kind: "rollback";
        readonly previous: boolean;
        readonly from: string | undefined;
        readonly to: string;
        readonly moved: boolean;
        readonly held: boolean;
      }
    | { readonly kind: "prune"; readonly moved: boolean }
    | { readonly kind: "release"; readonly version: string; readonly moved: boolean }
    | { readonly kind: "look"; readonly seq: number; readonly latest: string | undefined; readonly held: boolean }
    | { readonly kind: "failed"; readonly code: string };
}

describe("random histories of builds, rollbacks, holds, releases and prunes by several at once", () => {
  it(`${seeds} seeds: each takes effect at one moment between its call and its answer, and the history tells it`, async () => {
    const told = new Map<string, number>();
    for (let seed = 1; seed <= seeds; seed++) {
      try {
        for (const word of await replay(seed, memory())) told.set(word, (told.get(word) ?? 0) + 1);
      } catch (cause) {
        throw new Error(`the history of seed ${seed} broke a promise`, { cause });
      }
    }
    // The histories would prove nothing if one of these never came about.
    for (const word of [
      "build moved",
      "build stayed",
      "rollback moved",
      "rollback stayed",
      "release moved",
      "release stayed",
      "prune moved",
      "look",
    ])
      expect(told.get(word), word).toBeGreaterThan(seeds / 10);
    for (const code of ["STORE_UNAVAILABLE", "POINTER_MOVED", "VERSION_NOT_FOUND", "STORE_CONFLICT"])
      expect(told.get(code), code).toBeGreaterThan(0);
  }, 300_000);

  it("would notice a store that ignores conditions", async () => {
    const broken: string[] = [];
    for (let seed = 1; seed <= 20; seed++) await replay(seed, careless(memory())).catch((error: unknown) => broken.push(String(error)));
    expect(broken.length).toBeGreaterThan(10);
  }, 60_000);
});

async function replay(seed: number, inner: Store): Promise<string[]> {
  const random = mulberry32(seed);
  const jitter = vi.spyOn(Math, "random").mockImplementation(mulberry32(seed));
  const { store, states } = watchPointer(inner);
  const calls: Call[] = [];
  let working = true;
  const pump = keepTimersRunning(() => working);
  const acting = Array.from({ length: actors }, async (_, actor) => {
    const mine = faultyStore(store, { seed: seed * actors + actor, failBefore: 0.04, failAfter: 0.04, maxDelay: 3 });
    for (let call = 0; call < callsPerActor; call++) {
      const commitId = `${actor}.${call}`;
      const start = states.length;
      const told = await act(mine, commitId, random);
      calls.push({ commitId, start, end: states.length, told });
    }
  });
  await Promise.all(acting).finally(() => {
    working = false;
  });
  await pump;
  jitter.mockRestore();

  for (const [index, state] of states.entries()) expectStep(states[index - 1], state);
  expectOrder(calls, states);
  // A last prune finishes what others had begun, and keeps all else.
  if (states.length > 0) await pruneFeature(logOf(store, "last"), rulesOf(99), false);
  const pruned = states.at(-1)?.pruned ?? [];
  const versions = await readWhole(store, "f");
  expect([...versions.keys()].filter((version) => pruned.includes(version))).toEqual([]);
  for (const { version } of states) expect(versions.has(version) || pruned.includes(version)).toBe(true);
  const published = calls.flatMap(({ told }) => (told.kind === "build" && told.published ? [told.version] : []));
  expect(new Set(published).size, "a number was used twice").toBe(published.length);
  for (const call of calls) expectTruth(call, states, versions);
  return calls.map(({ told }) => wordOf(told));
}

/** Every build is old enough to be taken for dead, though it is not. */
function rulesOf(keep: number): PruneRules {
  return { keep, olderThan: 1_000, now: Date.parse("2026-01-10T00:00:00Z"), isPinned: () => false, isLocked: () => false };
}

function memory(): Store {
  return memoryStore({ now: () => new Date("2026-01-01T00:00:00Z") });
}

async function act(store: Store, commitId: string, random: () => number): Promise<Call["told"]> {
  const log = logOf(store, commitId);
  const choice = random();
  const hold = random() < 0.3;
  const some = (count: number): number => Math.floor(random() * count);
  try {
    if (choice < 0.4) {
      const outcome = await build(store, commitId, { logic: `logic ${some(2)}`, source: `source ${some(4)}`, content: commitId });
      if (outcome.kind === "unchanged") return { kind: "build", version: outcome.version, published: false, moved: false };
      const version = outcome.kind === "published" ? outcome.metadata.version : outcome.version;
      return { kind: "build", version, published: outcome.kind === "published", moved: outcome.move.moved };
    }
    if (choice < 0.7) {
      const previous = random() < 0.5;
      const to = previous ? ("previous" as const) : { version: `1.${some(2)}.${some(3)}` };
      return { kind: "rollback", previous, ...(await rollBack(log, { to, hold, reason: "", dryRun: false })) };
    }
    if (choice < 0.82) {
      const { removed } = await pruneFeature(log, rulesOf(some(4)), false);
      return { kind: "prune", moved: removed.some(({ because }) => because !== "unfinished") };
    }
    if (choice < 0.92) {
      const { version, released } = await release(log, "");
      return { kind: "release", version, moved: released };
    }
    const { latest, held, history } = await readHistory(store, "f");
    return { kind: "look", latest, held, seq: history.length };
  } catch (error) {
    if (!isMlforgeError(error, "STORE_UNAVAILABLE", "VERSION_NOT_FOUND", "POINTER_MOVED", "STORE_CONFLICT")) throw error;
    return { kind: "failed", code: error.code };
  }
}

/** What somebody was told is what happened, and it happened while they waited. */
function expectTruth({ commitId, start, end, told }: Call, states: readonly PointerState[], versions: ReadonlyMap<string, string>): void {
  const own = states.flatMap((state, index) => (state.history[0]?.commit_id === commitId ? [index] : []));
  expect(own.length, `${commitId} moved the pointer ${own.length} times`).toBeLessThanOrEqual(1);
  const meanwhile = [start === 0 ? undefined : states[start - 1], ...states.slice(start, end)];
  const [index = -1] = own;
  if (index >= 0) expect(index >= start && index < end, `${commitId} moved while nobody waited`).toBe(true);
  const [before, after] = [states[index - 1], states[index]];
  switch (told.kind) {
    case "failed":
      if (told.code !== "STORE_UNAVAILABLE") expect(own).toEqual([]);
      return;
    case "look":
      expect(
        meanwhile.some((state) => (state?.seq ?? 0) === told.seq && state?.version === told.latest && (state?.held ?? false) === told.held),
      ).toBe(true);
      return;
    case "build":
      if (told.published && states.at(-1)?.pruned.includes(told.version) !== true) expect(versions.get(told.version)).toBe(commitId);
      // Another build may have promoted the version meanwhile.
      if (told.moved) expect(meanwhile.some((state) => state?.version === told.version)).toBe(true);
      else expect(own).toEqual([]);
      return;
    case "prune":
      expect(own).toHaveLength(told.moved ? 1 : 0);
      return;
    case "release":
    case "rollback": {
      expect(own).toHaveLength(told.moved ? 1 : 0);
      if (told.kind === "release") {
        if (told.moved) expect(after?.version).toBe(told.version);
        else expect(meanwhile.some((state) => state?.version === told.version && !state.held)).toBe(true);
        return;
      }
      const { from, to, held } = told;
      if (!told.moved) {
        expect(meanwhile.some((state) => state?.version === to && state.held === held)).toBe(true);
        return;
      }
      expect({ from: before?.version, to: after?.version, held: after?.held }).toEqual({ from, to, held });
      if (told.previous && before !== undefined) expect(to).toBe(previousOf(before));
    }
  }
}

/** Who was answered before another one called has moved before them. */
function expectOrder(calls: readonly Call[], states: readonly PointerState[]): void {
  const moved = states.flatMap(({ history: [move] }) => calls.filter(({ commitId }) => commitId === move?.commit_id));
  for (const [index, call] of moved.entries()) {
    for (const later of moved.slice(index + 1)) expect(later.end, `${later.commitId} before ${call.commitId}`).toBeGreaterThan(call.start);
  }
}

function wordOf(told: Call["told"]): string {
  if (told.kind === "failed") return told.code;
  return told.kind === "look" ? told.kind : `${told.kind} ${told.moved ? "moved" : "stayed"}`;
}

async function keepTimersRunning(working: () => boolean): Promise<void> {
  while (working()) {
    await vi.advanceTimersByTimeAsync(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
