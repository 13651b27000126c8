import { ParquetFormat } from "@mlforge/format-parquet";
import type { Schema } from "@mlforge/spec";
import { batchOf, bytesOf, collect, MemoryFile } from "@mlforge/testkit/format";
import type { RecordBatch } from "apache-arrow";
import { beforeAll, describe, expect, it } from "vitest";

const format = new ParquetFormat();
const rowCount = 20_000;

/** Fifty columns of random-looking integers, which do not compress to nothing. */
const columns: Schema = Array.from({ length: 50 }, (_, column) => ({ name: `c${column}`, kind: "int32", nullable: false }));
let bytes: Uint8Array;

beforeAll(async () => {
  const rows = Array.from({ length: rowCount }, (_, row) =>
    columns.map((_column, column) => Math.imul(row + 1, 2_654_435_761 + column) | 0),
  );
  bytes = await bytesOf(format.encode(once(batchOf(columns, rows)), columns));
});

async function* once(batch: RecordBatch): AsyncGenerator<RecordBatch> {
  yield batch;
}

describe("decode of some columns", () => {
  it("reads only their bytes and the footer", async () => {
    const all = new MemoryFile(bytes);
    await collect(format.decode(all));
    const two = new MemoryFile(bytes);
    await collect(format.decode(two, { columns: ["c7", "c3"] }));
    const none = new MemoryFile(bytes);
    await format.describe(none);
    const footer = none.bytesRead;
    expect(all.bytesRead).toBeGreaterThan(0.95 * bytes.length);
    expect(two.bytesRead - footer).toBeLessThan(1.1 * ((2 / 50) * (all.bytesRead - footer)));
    expect(footer).toBeLessThan(bytes.length / 50);
  });

  it("gives batches of exactly batchRows rows within a row group", async () => {
    const batches = await collect(format.decode(new MemoryFile(bytes), { columns: ["c0"], batchRows: 6_000 }));
    expect(batches.map(({ numRows }) => numRows)).toEqual([6_000, 6_000, 6_000, 2_000]);
    const without = await collect(format.decode(new MemoryFile(bytes), { columns: [], batchRows: 15_000 }));
    expect(without.map(({ numRows }) => numRows)).toEqual([15_000, 5_000]);
  });
});
