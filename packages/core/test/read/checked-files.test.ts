import { readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSmallStore, flipped, type SmallStore } from "../verify/small-store.js";

let small: SmallStore;
let path: string;
let whole: Uint8Array;
beforeAll(async () => {
  small = await buildSmallStore();
  path = join(small.root, "totals/1.0.2/data.parquet");
  whole = await readFile(path);
});
afterAll(() => small?.[Symbol.asyncDispose]());

async function rows(options: { readonly verify?: boolean } = {}): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const row of (await small.defs.readFeature("totals", { version: "1.0.2", ...options })).rows()) all.push(row);
  return all;
}

describe("a local version", () => {
  it("is never read with a flipped bit, wherever it is, also after it was read and with its time restored", async () => {
    const good = await rows();
    expect(good).toHaveLength(3);
    await fc.assert(
      fc.asyncProperty(fc.nat(8 * whole.length - 1), async (bit) => {
        await writeFile(path, flipped(whole, bit), { flag: "r+" });
        await utimes(path, 1, 1);
        await expect(rows()).rejects.toMatchObject({ code: "DATA_CORRUPT" });
        await writeFile(path, whole, { flag: "r+" });
        await utimes(path, 1, 1);
        expect(await rows()).toEqual(good);
      }),
      { numRuns: 60 },
    );
  });
});
