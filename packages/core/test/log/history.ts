import { isMlforgeError, type Store } from "@mlforge/spec";
import { expect } from "vitest";
import { readPointer } from "../../src/log/pointer.js";
import { type Outcome, observe, publish, settleEarly } from "../../src/log/publish.js";
import { candidate, logOf, readWhole } from "./candidates.js";

/** What several writers were told, and what any reader saw. */
interface History {
  /** Commit id by version, of every build that was told it had published. */
  readonly acknowledged: Map<string, string>;
  /** Every (version, commit) pair any reader ever saw. */
  readonly seen: Map<string, string>;
}

export interface HistoryOptions {
  readonly seed: number;
  /** A store without faults, to look at what is there. */
  readonly truth: Store;
  /** The store of each writer. */
  readonly writers: readonly Store[];
  readonly buildsPerWriter: number;
  /** Lets others go on between two looks of the reader. */
  readonly pause: () => Promise<unknown>;
}

/**
 * Several writers build at once, with what their stores do to them; no version is seen in part, lost after it was acknowledged, or written twice. Returns
 * how many versions were acknowledged.
 */
export async function replayHistory({ seed, truth, writers, buildsPerWriter, pause }: HistoryOptions): Promise<number> {
  const random = mulberry32(seed);
  const history: History = { acknowledged: new Map(), seen: new Map() };
  let working = true;
  const reader = keepReading(truth, history, () => working, pause);
  const written = Promise.all(writers.map((store, writer) => write(store, `${writer}`, buildsPerWriter, random, history))).finally(() => {
    working = false;
  });
  await Promise.all([written, reader]);

  const final = await readWhole(truth, "f");
  for (const [version, commit] of history.seen) expect(final.get(version), `${version} was seen and then`).toBe(commit);
  for (const [version, commit] of history.acknowledged) expect(final.get(version), `${version} was acknowledged and then`).toBe(commit);
  await expectTruthfulPointer(truth, final, history);
  return history.acknowledged.size;
}

async function write(store: Store, writer: string, builds: number, random: () => number, history: History): Promise<void> {
  for (let build = 0; build < builds; build++) {
    const commitId = `${writer}.${build}`;
    const log = logOf(store, commitId);
    const made = candidate(log, {
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
async function keepReading(store: Store, { seen }: History, working: () => boolean, pause: () => Promise<unknown>): Promise<void> {
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
    await pause();
  }
}

/** The pointer names a version that exists, and its history counts every move once, each to a higher version. */
async function expectTruthfulPointer(store: Store, versions: ReadonlyMap<string, string>, { acknowledged }: History): Promise<void> {
  const pointer = (await readPointer(store, "f"))?.value;
  if (pointer === undefined) {
    // A build that could not move the pointer has ended in an error, though its version is there.
    expect(acknowledged.size).toBe(0);
    return;
  }
  const moves = [...pointer.history].reverse();
  expect(moves.map((move) => move.seq)).toEqual(moves.map((_, index) => index + 1));
  expect(moves.at(-1)?.version).toBe(pointer.version);
  expect(new Set(moves.map((move) => move.version)).size).toBe(moves.length);
  for (const move of moves) expect(versions.has(move.version)).toBe(true);
}

/** A small seeded generator of numbers in [0, 1): mulberry32, public domain, by Tommy Ettinger. */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
