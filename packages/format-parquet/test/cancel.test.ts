import { readFileSync } from "node:fs";
import { ParquetFormat } from "@mlforge/format-parquet";
import type { Schema } from "@mlforge/spec";
import { batchOf, MemoryFile } from "@mlforge/testkit/format";
import type { RecordBatch } from "apache-arrow";
import { describe, expect, it } from "vitest";

const bytes = readFileSync(new URL("./fixtures/pyarrow-zstd.parquet", import.meta.url));
const columns: Schema = [{ name: "n", kind: "int32", nullable: false }];

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
});
