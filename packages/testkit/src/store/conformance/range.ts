import { deepEqual, equal } from "node:assert/strict";
import type { ByteRange } from "@mlforge/spec";
import fc from "fast-check";
import type { Law } from "../runner.js";
import { read, rejects } from "./expect.js";

const digits = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

const cases: readonly (readonly [law: string, range: ByteRange, expected: readonly number[]])[] = [
  ["a range from the start", { start: 0, end: 3 }, [0, 1, 2]],
  ["a range of one byte", { start: 9, end: 10 }, [9]],
  ["a range in the middle", { start: 4, end: 7 }, [4, 5, 6]],
  ["a range without an end", { start: 7 }, [7, 8, 9]],
  ["a range of everything", { start: 0, end: 10 }, [...digits]],
  ["a range that ends beyond the object is cut", { start: 8, end: 1_000 }, [8, 9]],
  ["a range that starts at the end is empty", { start: 10, end: 20 }, []],
  ["a range that starts beyond the end is empty", { start: 1_000 }, []],
  ["a range that ends where it starts is empty", { start: 3, end: 3 }, []],
  ["a suffix", { suffix: 4 }, [6, 7, 8, 9]],
  ["a suffix longer than the object is all of it", { suffix: 1_000 }, [...digits]],
  ["a suffix of 0 is empty", { suffix: 0 }, []],
];

export function rangeLaws(law: Law): void {
  for (const [title, range, expected] of cases) {
    law(`get with a range: ${title}`, async (store) => {
      await store.put("key", digits);
      deepEqual([...(await read(store, "key", { range }))], expected);
    });
  }

  law("get with a range of an empty object returns no bytes", async (store) => {
    await store.put("key", new Uint8Array());
    for (const range of [{ start: 0, end: 1 }, { start: 0 }, { suffix: 1 }]) equal((await read(store, "key", { range })).length, 0);
  });

  law("get with a range reports the size of the whole object", async (store) => {
    await store.put("key", digits);
    for (const range of [{ start: 2, end: 4 }, { suffix: 1 }, { start: 50 }]) {
      await using result = await store.get("key", { range });
      equal(result.info.size, digits.length);
    }
  });

  law("get with a range of a missing key rejects with STORE_NOT_FOUND", async (store) => {
    await rejects(store.get("missing", { range: { start: 0, end: 1 } }), "STORE_NOT_FOUND", "get");
  });

  law("get with any range returns the same bytes as slicing the whole", async (store) => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) % 253);
    await store.put("key", bytes);
    const position = fc.integer({ min: 0, max: bytes.length + 10 });
    await fc.assert(
      fc.asyncProperty(position, position, async (start, end) => {
        const part = await read(store, "key", { range: { start, end } });
        equal(Buffer.compare(part, bytes.subarray(start, Math.max(start, end))), 0);
      }),
      {
        numRuns: 20,
        examples: [
          [65_535, 65_537],
          [0, 65_536],
        ],
      },
    );
  });
}
