import { deepEqual, equal, ok } from "node:assert/strict";
import { type Format, isMlforgeError, type RandomAccessFile, type Schema } from "@mlforge/spec";
import fc from "fast-check";
import { rejectsWith } from "../../store/conformance/expect.js";
import { bytesOf, collect, MemoryFile } from "../memory-file.js";
import { type PlainValue, plainRows } from "../plain-value.js";
import type { FormatLaw } from "../runner.js";
import { batchesOf, type Rows, write } from "./tables.js";

const columns: Schema = [
  { name: "id", kind: "int64", nullable: false },
  { name: "text", kind: "string", nullable: true },
  { name: "flag", kind: "boolean", nullable: true },
  { name: "list", kind: "list", of: { kind: "float64", nullable: true }, nullable: true },
];
const rows: Rows = Array.from({ length: 30 }, (_, row): PlainValue[] => [
  String(row),
  row % 4 === 0 ? null : `text ${row}`,
  row % 3 === 0 ? null : row % 2 === 0,
  row % 5 === 0 ? null : Array.from({ length: row % 4 }, (_element, index) => (index === 1 ? null : row / 8)),
]);

const text = (string: string): Uint8Array => Uint8Array.from(Buffer.from(string));

const strangers: readonly (readonly [what: string, bytes: Uint8Array])[] = [
  ["no bytes", new Uint8Array()],
  ["one byte", Uint8Array.of(0)],
  ["text", text("origin,delay\nSEA,4\n")],
  ["JSON", text('{"origin":"SEA","delay":4}\n')],
  ["zeros", new Uint8Array(1_000)],
  ["ones", new Uint8Array(1_000).fill(255)],
];

/** Writes a small table and returns its bytes. */
function goodBytes(format: Format): Promise<Uint8Array> {
  return bytesOf(format.encode(batchesOf({ columns, rows }, [8]), columns));
}

export function corruptionLaws(law: FormatLaw): void {
  for (const [what, bytes] of strangers) {
    law(`a file of ${what} is refused with DATA_CORRUPT, which names the file`, (format) => refuses(format, bytes));
  }

  law("the first and the last bytes of a file alone are refused with DATA_CORRUPT", async (format) => {
    const good = await goodBytes(format);
    for (const length of [1, 2, 4, 8, 16]) {
      await refuses(format, Uint8Array.from([...good.subarray(0, length), ...good.subarray(-length)]));
      await refuses(format, good.subarray(-length));
    }
  });

  law("a file that was cut off anywhere is refused with DATA_CORRUPT", async (format) => {
    const good = await goodBytes(format);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: good.length - 1 }), (length) => refuses(format, good.subarray(0, length))),
      { numRuns: 40, examples: [[good.length - 1], [0]] },
    );
  });

  law("a file that lost its beginning or bytes in its middle is refused with DATA_CORRUPT, or its rows come back", async (format) => {
    const good = await goodBytes(format);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: good.length - 1 }), fc.integer({ min: 1, max: 20 }), async (start, length) => {
        const error = await errorOf(
          format,
          new MemoryFile(Uint8Array.from([...good.subarray(0, start), ...good.subarray(start + length)])),
        );
        ok(error === undefined || isMlforgeError(error, "DATA_CORRUPT", "SCHEMA_MISMATCH"), `the error is ${String(error)}`);
      }),
      { numRuns: 40 },
    );
  });

  law("whatever bits are flipped, there are rows or a typed error, and the next file can be read", async (format) => {
    const good = await goodBytes(format);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 8 * good.length - 1 }), { minLength: 1, maxLength: 3 }), async (bits) => {
        const bytes = Uint8Array.from(good);
        for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const error = await errorOf(format, new MemoryFile(bytes));
        ok(error === undefined || isMlforgeError(error, "DATA_CORRUPT", "SCHEMA_MISMATCH"), `the error is ${String(error)}`);
        deepEqual(plainRows(await collect(format.decode(new MemoryFile(good)))), rows);
      }),
      { numRuns: 60 },
    );
  });

  law("an error of the file itself is passed on unchanged", async (format) => {
    const good = await write(format, columns, rows);
    const failure = new Error("the disk is gone");
    const file: RandomAccessFile = { name: "gone", size: good.size, read: () => Promise.reject(failure) };
    await rejectsWith(format.describe(file), failure);
    await rejectsWith(collect(format.decode(file)), failure);
    let reads = 0;
    const later: RandomAccessFile = {
      name: "gone",
      size: good.size,
      read: (start, end) => (reads++ === 1 ? Promise.reject(failure) : good.read(start, end)),
    };
    const error = await errorOf(format, later);
    if (reads > 1) equal(error, failure);
  });

  law("a file that returns fewer bytes than requested is refused with DATA_CORRUPT", async (format) => {
    const good = await write(format, columns, rows);
    for (const missing of [1, 1_000_000]) {
      const file: RandomAccessFile = {
        name: "short",
        size: good.size,
        read: async (start, end) => (await good.read(start, end)).subarray(0, Math.max(0, end - start - missing)),
      };
      const error = await errorOf(format, file);
      ok(isMlforgeError(error, "DATA_CORRUPT"), `the error is ${String(error)}`);
      equal(error.details.key, "short");
    }
  });

  law("reading leaves the bytes of the file as they are", async (format) => {
    const good = await goodBytes(format);
    const copy = Uint8Array.from(good);
    for (let round = 0; round < 2; round++) {
      await format.describe(new MemoryFile(good));
      deepEqual(plainRows(await collect(format.decode(new MemoryFile(good)))), rows);
    }
    ok(Buffer.from(good.buffer, good.byteOffset, good.byteLength).equals(copy), "the bytes changed");
  });
}

async function refuses(format: Format, bytes: Uint8Array): Promise<void> {
  const file = new MemoryFile(bytes, "some file");
  const failures = [await errorOf(format, file), await format.describe(file).catch((error: unknown) => error)];
  for (const error of failures) {
    ok(isMlforgeError(error, "DATA_CORRUPT"), `the error is ${String(error)}`);
    equal(error.details.key, "some file");
    ok(error.message.includes("some file"), "the message does not name the file");
  }
}

/** Returns the error that reading a file rejects with, or undefined. */
async function errorOf(format: Format, file: RandomAccessFile): Promise<unknown> {
  try {
    await collect(format.decode(file));
  } catch (error) {
    return error;
  }
  return undefined;
}
