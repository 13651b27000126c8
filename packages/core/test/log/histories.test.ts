import type { Store } from "@mlforge/spec";
import { faultyStore, memoryStore } from "@mlforge/testkit/store";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { careless } from "./careless.js";
import { mulberry32, replayHistory } from "./history.js";

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

async function replay(seed: number, truth: Store): Promise<void> {
  const jitter = vi.spyOn(Math, "random").mockImplementation(mulberry32(seed));
  let working = true;
  const pump = keepTimersRunning(() => working);
  const stores = Array.from({ length: writers }, (_, writer) =>
    faultyStore(truth, { seed: seed * writers + writer, failBefore: 0.05, failAfter: 0.05, maxDelay: 3 }),
  );
  const pause = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await nextTurn();
  };
  await replayHistory({ seed, truth, writers: stores, buildsPerWriter, pause }).finally(() => {
    working = false;
  });
  await pump;
  jitter.mockRestore();
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
