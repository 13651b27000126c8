import { readFileSync } from "node:fs";
import { ParquetFormat } from "@mlforge/format-parquet";
import { isMlforgeError } from "@mlforge/spec";
import { collect, MemoryFile } from "@mlforge/testkit/format";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const format = new ParquetFormat();
const good = readFileSync(new URL("./fixtures/pyarrow-zstd.parquet", import.meta.url));

/** The error that reading the bytes gives, or nothing if they can be read. */
async function errorOf(bytes: Uint8Array): Promise<unknown> {
  try {
    await collect(format.decode(new MemoryFile(bytes, "data.parquet")));
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("decode", () => {
  it.each([
    ["only the magic number", new TextEncoder().encode("PAR1PAR1")],
    ["a footer longer than the file", Uint8Array.from([...good.subarray(0, 100), 255, 255, 255, 127, ...good.subarray(-4)])],
  ])("refuses %s with DATA_CORRUPT naming the file", async (_, bytes) => {
    const error = await errorOf(bytes);
    expect(error).toMatchObject({ code: "DATA_CORRUPT", details: { key: "data.parquet" } });
    await expect(format.describe(new MemoryFile(bytes, "data.parquet"))).rejects.toMatchObject({ code: "DATA_CORRUPT" });
  });

  it("refuses every truncated file with DATA_CORRUPT", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: good.length - 1 }), async (length) => {
        expect(await errorOf(good.subarray(0, length))).toMatchObject({ code: "DATA_CORRUPT" });
      }),
      { numRuns: 40 },
    );
  });

  it("gives rows or a typed error, and reads the next file, whatever bits are flipped", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 8 * good.length - 1 }), { minLength: 1, maxLength: 3 }), async (bits) => {
        const bytes = Uint8Array.from(good);
        for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const error = await errorOf(bytes);
        expect(error === undefined || isMlforgeError(error, "DATA_CORRUPT", "SCHEMA_MISMATCH"), String(error)).toBe(true);
        expect(await errorOf(good)).toBeUndefined();
      }),
      { numRuns: 80 },
    );
  });
});
