import { equal, ok } from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { RandomAccessFile, Schema } from "@mlforge/spec";
import type { RecordBatch } from "apache-arrow";
import { batchOf } from "../batch-of.js";
import { fileOf } from "../memory-file.js";
import type { FormatLaw } from "../runner.js";
import { scrambled } from "./tables.js";

const columns: Schema = [{ name: "n", kind: "int32", nullable: false }];
const batchRows = 10_000;
const rowCount = 1_000_000;

/** The number of rows that a format may hold, which is what a row group of Parquet usually has, twice. */
const limit = 300_000;

/** Yields a million rows that do not compress. `onPull` is called before each batch. */
async function* manyBatches(onPull: () => void = () => {}): AsyncGenerator<RecordBatch> {
  for (let start = 0; start < rowCount; start += batchRows) {
    onPull();
    yield batchOf(
      columns,
      Array.from({ length: batchRows }, (_, row) => [scrambled(start + row)]),
    );
  }
}

/** The progress of both ends of a stream, in any unit. */
class Progress {
  into = 0;
  out = 0;
  readonly #moments: (readonly [into: number, out: number])[] = [];

  note(): void {
    this.#moments.push([this.into, this.out]);
  }

  /** Returns the most rows that had gone in and not come out. */
  rowsHeld(): number {
    return Math.max(...this.#moments.map(([into, out]) => rowCount * (into / this.into - out / this.out)));
  }
}

export function memoryLaws(law: FormatLaw): void {
  law("encode holds a bounded number of rows, however slowly its bytes are read", async (format) => {
    const progress = new Progress();
    const batches = manyBatches(() => {
      progress.note();
      progress.into += batchRows;
    });
    for await (const piece of format.encode(batches, columns)) {
      progress.note();
      progress.out += piece.length;
      await turns();
    }
    equal(progress.into, rowCount);
    const held = progress.rowsHeld();
    ok(held < limit, `encode held ${Math.round(held)} of ${rowCount} rows`);
  });

  law("decode holds a bounded number of rows, however slowly its batches are read", async (format) => {
    const file = await fileOf(format.encode(manyBatches(), columns));
    const progress = new Progress();
    const counted: RandomAccessFile = {
      name: file.name,
      size: file.size,
      read: (start, end) => {
        progress.into += end - start;
        progress.note();
        return file.read(start, end);
      },
    };
    for await (const batch of format.decode(counted, { batchRows })) {
      progress.note();
      progress.out += batch.numRows;
      await turns();
    }
    equal(progress.out, rowCount);
    const held = progress.rowsHeld();
    ok(held < limit, `decode held ${Math.round(held)} of ${rowCount} rows`);
  });
}

/** Lets a format work ahead, if it does. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate();
}
