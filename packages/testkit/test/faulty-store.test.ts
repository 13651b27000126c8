import { isMlforgeError } from "@mlforge/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FaultyStoreOptions, faultyStore, memoryStore, recordingStore } from "../src/store/index.js";

/** What became of 60 puts of new keys: whether each resolved, and whether it was carried out. */
async function outcomes(options: FaultyStoreOptions): Promise<string[]> {
  const inner = memoryStore();
  const store = faultyStore(inner, options);
  const seen: string[] = [];
  for (let i = 0; i < 60; i++) {
    const key = `${i % 2 === 0 ? "even" : "odd"}/${i}`;
    const resolved = await store.put(key, new Uint8Array()).then(
      () => true,
      (error: unknown) => {
        if (isMlforgeError(error, "STORE_UNAVAILABLE")) return false;
        throw error;
      },
    );
    const stored = await inner.head(key).then(
      () => true,
      () => false,
    );
    seen.push(`${resolved ? "resolved" : "rejected"} ${stored ? "stored" : "absent"}`);
  }
  return seen;
}

const count = (seen: readonly string[], outcome: string): number => seen.filter((one) => one === outcome).length;

describe("faultyStore", () => {
  it("fails before a call is carried out, and after it, and does neither always", async () => {
    const seen = await outcomes({ seed: 7, failBefore: 0.3, failAfter: 0.3 });
    expect(new Set(seen)).toEqual(new Set(["resolved stored", "rejected absent", "rejected stored"]));
    expect(count(seen, "rejected absent")).toBeGreaterThan(8);
    expect(count(seen, "rejected stored")).toBeGreaterThan(5);
  });

  it("fails always at 1 and never at 0", async () => {
    expect(new Set(await outcomes({ seed: 1, failBefore: 1 }))).toEqual(new Set(["rejected absent"]));
    expect(new Set(await outcomes({ seed: 1, failAfter: 1 }))).toEqual(new Set(["rejected stored"]));
    expect(new Set(await outcomes({ seed: 1 }))).toEqual(new Set(["resolved stored"]));
  });

  it("does the same again for the same seed, and something else for another", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const options = { seed, failBefore: 0.4, failAfter: 0.2 };
        const seen = await outcomes(options);
        expect(await outcomes(options)).toEqual(seen);
        expect(await outcomes({ ...options, seed: seed + 1 })).not.toEqual(seen);
      }),
      { numRuns: 30 },
    );
  });

  it("leaves alone what it should not affect", async () => {
    const seen = await outcomes({ seed: 1, failBefore: 1, affects: ({ key }) => key.startsWith("odd/") });
    expect(seen).toEqual(Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? "resolved stored" : "rejected absent")));
  });

  it("delays by turns of the given scheduler, at most as many as told for each side of a call", async () => {
    let turns = 0;
    const turn = async (): Promise<void> => {
      turns += 1;
    };
    const store = faultyStore(memoryStore(), { seed: 3, maxDelay: 4, turn });
    const delays: number[] = [];
    for (let i = 0; i < 100; i++) {
      const before = turns;
      await store.put("key", new Uint8Array());
      delays.push(turns - before);
    }
    expect(Math.max(...delays)).toBe(8);
    expect(Math.min(...delays)).toBe(0);
  });

  it("changes the order in which concurrent calls are carried out", async () => {
    const { store: inner, operations } = recordingStore(memoryStore());
    const store = faultyStore(inner, { seed: 5, maxDelay: 5 });
    await Promise.all(Array.from({ length: 10 }, (_, i) => store.put(`${i}`, new Uint8Array())));
    const order = operations.map(({ key }) => key);
    expect([...order].sort()).toEqual(Array.from({ length: 10 }, (_, i) => `${i}`));
    expect(order).not.toEqual([...order].sort());
  });

  it("fails a list before its first entry or after its last", async () => {
    const inner = memoryStore();
    await inner.put("a", new Uint8Array());
    const listed = async (options: FaultyStoreOptions): Promise<number> => {
      let entries = 0;
      try {
        for await (const _ of faultyStore(inner, options).list("")) entries += 1;
      } catch (error) {
        if (isMlforgeError(error, "STORE_UNAVAILABLE")) return entries;
        throw error;
      }
      return -1;
    };
    expect(await listed({ seed: 1, failBefore: 1 })).toBe(0);
    expect(await listed({ seed: 1, failAfter: 1 })).toBe(1);
  });
});
