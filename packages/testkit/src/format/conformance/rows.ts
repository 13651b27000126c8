import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { Schema } from "@mlforge/spec";
import { batchOf } from "../batch-of.js";
import { collect, fileOf } from "../memory-file.js";
import { plainColumn, plainRows } from "../plain-value.js";
import type { FormatLaw } from "../runner.js";
import { samples } from "../samples.js";
import { expectColumns } from "./columns.js";
import { type Rows, scrambled, write, yielding } from "./tables.js";

const columns: Schema = [
  { name: "id", kind: "int32", nullable: false },
  { name: "text", kind: "string", nullable: true },
];

/** A schema with a column of every sample. */
const everyKind: Schema = samples.map(({ column }, position) => ({ ...column, name: `column ${position}`, nullable: position % 2 === 0 }));

function rowsOf(count: number): Rows {
  return Array.from({ length: count }, (_, row) => [scrambled(row), row % 7 === 0 ? null : `row ${row}`]);
}

export function rowLaws(law: FormatLaw): void {
  law("rows are read in the order in which they were written", async (format) => {
    const numbers: Schema = [{ name: "n", kind: "int32", nullable: false }];
    const rows = Array.from({ length: 300_000 }, (_, row) => [row]);
    const file = await write(format, numbers, rows, [1, 70_000, 3, 130_000, 50_000]);
    let next = 0;
    for await (const batch of format.decode(file)) {
      for (const value of plainColumn([batch], "n")) {
        if (value !== next) equal(value, next, `row ${next}`);
        next++;
      }
    }
    equal(next, rows.length);
  });

  law("batches of any size can be written, empty ones among them", async (format) => {
    const rows = rowsOf(100);
    const batches = [rows.slice(0, 0), rows.slice(0, 1), rows.slice(1, 1), rows.slice(1, 98), rows.slice(98), []];
    const file = await fileOf(format.encode(yielding(...batches.map((part) => batchOf(columns, part))), columns));
    deepEqual(plainRows(await collect(format.decode(file))), rows);
  });

  law("a batch has at most `batchRows` rows, and no row is lost between batches", async (format) => {
    const rows = rowsOf(1_000);
    const file = await write(format, columns, rows, [300]);
    for (const batchRows of [1, 7, 299, 300, 301, 999, 1_000, 1_001, 1_000_000]) {
      const batches = await collect(format.decode(file, { batchRows }));
      for (const { numRows } of batches) ok(numRows <= batchRows, `a batch has ${numRows} rows, which is more than ${batchRows}`);
      deepEqual(plainRows(batches), rows);
    }
  });

  law("a batch has at most 65,536 rows by default", async (format) => {
    const numbers: Schema = [{ name: "n", kind: "int32", nullable: false }];
    const file = await write(
      format,
      numbers,
      Array.from({ length: 70_000 }, (_, row) => [row]),
    );
    const sizes = (await collect(format.decode(file))).map(({ numRows }) => numRows);
    for (const size of sizes) ok(size <= 65_536, `a batch has ${size} rows`);
    equal(
      sizes.reduce((total, size) => total + size, 0),
      70_000,
    );
  });

  law("a `batchRows` that is not a positive integer is refused with a TypeError", async (format) => {
    const file = await write(format, columns, rowsOf(3));
    for (const batchRows of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      await rejects(collect(format.decode(file, { batchRows })), TypeError, `batchRows ${batchRows}`);
  });

  law("a table without rows keeps its columns, whether there was no batch or an empty one", async (format) => {
    for (const batches of [[], [batchOf(everyKind, [])], [batchOf(everyKind, []), batchOf(everyKind, [])]]) {
      const file = await fileOf(format.encode(yielding(...batches), everyKind));
      expectColumns(await format.describe(file), everyKind);
      deepEqual(plainRows(await collect(format.decode(file))), []);
      deepEqual(plainRows(await collect(format.decode(file, { columns: ["column 3", "column 0"] }))), []);
      deepEqual(plainRows(await collect(format.decode(file, { columns: [] }))), []);
    }
  });

  law("describe returns the columns that were written: names, kinds, digits, nullability, and what is inside", async (format) => {
    const file = await write(format, everyKind, [everyKind.map((_, position) => samples[position]?.values[0] ?? null)]);
    expectColumns(await format.describe(file), everyKind);
  });
}
