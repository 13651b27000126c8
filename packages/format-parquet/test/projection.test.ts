import { ParquetFormat } from "@mlforge/format-parquet";
import type { Schema } from "@mlforge/spec";
import type { RecordBatch } from "apache-arrow";
import { beforeAll, describe, expect, it } from "vitest";
import { collect, fileOf, MemoryFile } from "./memory-file.js";
import { batchOf } from "./random-rows.js";

const format = new ParquetFormat();
const rowCount = 20_000;

/** Fifty columns of random-looking integers, which do not compress to nothing. */
const columns: Schema = Array.from({ length: 50 }, (_, column) => ({ name: `c${column}`, kind: "int32", nullable: false }));
let bytes: Uint8Array;

beforeAll(async () => {
  const rows = Array.from({ length: rowCount }, (_, row) =>
    columns.map((_column, column) => Math.imul(row + 1, 2_654_435_761 + column) | 0),
  );
  const file = await fileOf(format.encode(once(batchOf(columns, rows)), columns));
  bytes = await file.read(0, file.size);
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

  it("gives them in the order they were asked for, the same one twice if so asked", async () => {
    const batches = await collect(format.decode(new MemoryFile(bytes), { columns: ["c7", "c3", "c7"] }));
    expect(batches[0]?.schema.fields.map(({ name }) => name)).toEqual(["c7", "c3", "c7"]);
    expect([0, 1, 2].map((position) => batches[0]?.getChildAt(position)?.get(1))).toEqual(
      [7, 3, 7].map((column) => Math.imul(2, 2_654_435_761 + column) | 0),
    );
  });

  it("gives the number of rows where no column is asked for", async () => {
    const batches = await collect(format.decode(new MemoryFile(bytes), { columns: [], batchRows: 15_000 }));
    expect(batches.map((batch) => [batch.numRows, batch.numCols])).toEqual([
      [15_000, 0],
      [5_000, 0],
    ]);
  });

  it("refuses a column that is not there with COLUMN_UNKNOWN and the nearest name", async () => {
    await expect(collect(format.decode(new MemoryFile(bytes), { columns: ["c1", "c7x"] }))).rejects.toMatchObject({
      code: "COLUMN_UNKNOWN",
      details: { column: "c7x", where: '"data.parquet"', nearest: "c7", available: columns.map(({ name }) => name) },
    });
  });

  it("gives batches of at most batchRows rows, and 65,536 unless told", async () => {
    const batches = await collect(format.decode(new MemoryFile(bytes), { columns: ["c0"], batchRows: 6_000 }));
    expect(batches.map(({ numRows }) => numRows)).toEqual([6_000, 6_000, 6_000, 2_000]);
    expect((await collect(format.decode(new MemoryFile(bytes), { columns: ["c0"] }))).map(({ numRows }) => numRows)).toEqual([rowCount]);
    await expect(collect(format.decode(new MemoryFile(bytes), { batchRows: 0 }))).rejects.toThrow(
      "batchRows must be a positive integer, not 0",
    );
  });
});
