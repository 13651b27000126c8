import { readFileSync } from "node:fs";
import { ParquetFormat } from "@mlforge/format-parquet";
import type { RandomAccessFile, Schema } from "@mlforge/spec";
import type { RecordBatch } from "apache-arrow";
import { describe, expect, it } from "vitest";
import { collect, MemoryFile } from "./memory-file.js";
import { batchOf } from "./random-rows.js";

const bytes = readFileSync(new URL("./fixtures/pyarrow-zstd.parquet", import.meta.url));
const columns: Schema = [{ name: "n", kind: "int32", nullable: false }];
const reason = new Error("enough");

async function* endless(onReturn?: () => void): AsyncGenerator<RecordBatch> {
  const batch = batchOf(
    columns,
    Array.from({ length: 10_000 }, (_, row) => [row]),
  );
  try {
    for (;;) yield batch;
  } finally {
    onReturn?.();
  }
}

/** Threads and files that keep this process alive. */
function resources(): readonly string[] {
  return process.getActiveResourcesInfo().filter((name) => name === "MessagePort" || name === "Worker");
}

describe("an aborted signal", () => {
  it("rejects every call before anything is read", async () => {
    const format = new ParquetFormat();
    const file = new MemoryFile(bytes);
    const signal = AbortSignal.abort(reason);
    await expect(format.describe(file, { signal })).rejects.toBe(reason);
    await expect(collect(format.decode(file, { signal }))).rejects.toBe(reason);
    await expect(collect(format.encode(endless(), columns, { signal }))).rejects.toBe(reason);
    expect(file.bytesRead).toBe(0);
  });

  it("rejects a decode that waits for bytes", async () => {
    const controller = new AbortController();
    const file: RandomAccessFile = {
      name: "slow",
      size: bytes.length,
      read: () => {
        controller.abort(reason);
        return new Promise(() => {});
      },
    };
    await expect(collect(new ParquetFormat().decode(file, { signal: controller.signal }))).rejects.toBe(reason);
  });

  it("rejects a decode between two batches", async () => {
    const controller = new AbortController();
    const rows = new ParquetFormat().decode(new MemoryFile(bytes), { batchRows: 1, signal: controller.signal });
    await rows.next();
    controller.abort(reason);
    await expect(rows.next()).rejects.toBe(reason);
  });

  it("rejects an encode and closes the batches", async () => {
    const controller = new AbortController();
    let closed = false;
    const file = new ParquetFormat().encode(
      endless(() => {
        closed = true;
      }),
      columns,
      { signal: controller.signal },
    );
    await file.next();
    controller.abort(reason);
    await expect(collect(file)).rejects.toBe(reason);
    expect(closed).toBe(true);
  });
});

describe("an encode whose batches do not come", () => {
  it("is rejected by an abort at once", async () => {
    const controller = new AbortController();
    async function* stuck(): AsyncGenerator<RecordBatch> {
      controller.abort(reason);
      await new Promise(() => {});
    }
    await expect(collect(new ParquetFormat().encode(stuck(), columns, { signal: controller.signal }))).rejects.toBe(reason);
  });
});

describe("a loop that is broken off", () => {
  it("ends the thread of a decode", async () => {
    const before = resources();
    for await (const batch of new ParquetFormat().decode(new MemoryFile(bytes), { batchRows: 1 })) {
      expect(batch.numRows).toBe(1);
      expect(resources().length).toBeGreaterThan(before.length);
      break;
    }
    expect(resources()).toEqual(before);
  });

  it("ends the thread of an encode and closes the batches", async () => {
    const before = resources();
    let closed = false;
    const batches = endless(() => {
      closed = true;
    });
    for await (const _ of new ParquetFormat().encode(batches, columns)) break;
    expect(closed).toBe(true);
    expect(resources()).toEqual(before);
  });

  it("leaves the format ready for the next call", async () => {
    const format = new ParquetFormat();
    for await (const _ of format.decode(new MemoryFile(bytes), { batchRows: 1 })) break;
    expect(await collect(format.decode(new MemoryFile(bytes)))).toHaveLength(1);
  });
});

describe("calls at one time", () => {
  it("do not disturb each other", async () => {
    const format = new ParquetFormat();
    const reads = Array.from({ length: 8 }, (_, call) => collect(format.decode(new MemoryFile(bytes), { batchRows: 1 + (call % 3) })));
    expect((await Promise.all(reads)).map((batches) => batches.length)).toEqual([3, 2, 1, 3, 2, 1, 3, 2]);
  });
});
