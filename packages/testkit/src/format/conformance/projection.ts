import { deepEqual, equal, ok } from "node:assert/strict";
import { type Format, isMlforgeError, type Schema } from "@mlforge/spec";
import { arrowTypeOf } from "../arrow-type.js";
import { collect, MemoryFile } from "../memory-file.js";
import { plainColumn, plainRows } from "../plain-value.js";
import type { FormatLaw } from "../runner.js";
import { samples } from "../samples.js";
import { scrambled, write } from "./tables.js";

const rowCount = 400;
const wide: Schema = Array.from({ length: 50 }, (_, position) => ({ name: `c${position}`, kind: "int32", nullable: false }));

function writeWide(format: Format, count = rowCount): Promise<MemoryFile> {
  return write(
    format,
    wide,
    Array.from({ length: count }, (_, row) => wide.map((_column, column) => scrambled(row, column))),
  );
}

export function projectionLaws(law: FormatLaw): void {
  law("decode returns all columns in their order by default", async (format) => {
    const [batch] = await collect(format.decode(await writeWide(format)));
    deepEqual(
      batch?.schema.fields.map(({ name }) => name),
      wide.map(({ name }) => name),
    );
  });

  law("decode returns only the requested columns, in the requested order, one of them twice if requested twice", async (format) => {
    const file = await writeWide(format);
    for (const wanted of [[7], [7, 3], [3, 7], [49, 0, 25], [7, 3, 7]]) {
      const batches = await collect(format.decode(file, { columns: wanted.map((column) => `c${column}`), batchRows: 300 }));
      for (const { schema } of batches)
        deepEqual(
          schema.fields.map(({ name }) => name),
          wanted.map((column) => `c${column}`),
        );
      for (const [position, column] of wanted.entries())
        deepEqual(
          plainColumn(batches, position),
          Array.from({ length: rowCount }, (_, row) => scrambled(row, column)),
        );
    }
  });

  law("decode of one column returns its values, for every kind", async (format) => {
    const columns: Schema = samples.map(({ column }, position) => ({ ...column, name: `column ${position}`, nullable: true }));
    const length = Math.max(...samples.map(({ values }) => values.length));
    const rows = Array.from({ length }, (_, row) => samples.map(({ values }) => values[row] ?? null));
    const file = await write(format, columns, rows);
    for (const [position, column] of columns.entries()) {
      const batches = await collect(format.decode(file, { columns: [column.name] }));
      for (const { schema } of batches)
        deepEqual(
          schema.fields.map(({ name, type }) => [name, String(type)]),
          [[column.name, String(arrowTypeOf(column))]],
        );
      deepEqual(
        plainRows(batches),
        rows.map((row) => [row[position]]),
      );
    }
  });

  law("decode of no columns returns the number of rows", async (format) => {
    const batches = await collect(format.decode(await writeWide(format), { columns: [], batchRows: 300 }));
    for (const { numCols, numRows } of batches) {
      equal(numCols, 0);
      ok(numRows <= 300, `a batch has ${numRows} rows`);
    }
    equal(
      batches.reduce((total, { numRows }) => total + numRows, 0),
      rowCount,
    );
  });

  law("decode reads only the bytes of the requested columns, and describe those of none", async (format) => {
    const file = await writeWide(format, 2_000);
    const bytes = await file.read(0, file.size);
    const read = async (use: (counted: MemoryFile) => Promise<unknown>): Promise<number> => {
      const counted = new MemoryFile(bytes);
      await use(counted);
      return counted.bytesRead;
    };
    const described = await read((counted) => format.describe(counted));
    const one = await read((counted) => collect(format.decode(counted, { columns: ["c7"] })));
    const two = await read((counted) => collect(format.decode(counted, { columns: ["c7", "c3"] })));
    const share = bytes.length / wide.length;
    ok(described < 10 * share, `describe read ${described} of ${bytes.length} bytes`);
    ok(one - described < 2 * share, `decode of 1 of ${wide.length} columns read ${one} of ${bytes.length} bytes`);
    ok(two - described < 4 * share, `decode of 2 of ${wide.length} columns read ${two} of ${bytes.length} bytes`);
  });

  law("a column that the file does not have is refused with COLUMN_UNKNOWN, which names the nearest one", async (format) => {
    const file = await writeWide(format);
    for (const columns of [["c1", "c7x"], ["c7x"]]) {
      const error = await collect(format.decode(file, { columns })).catch((thrown: unknown) => thrown);
      ok(isMlforgeError(error, "COLUMN_UNKNOWN"), `the error is ${error}`);
      const { column, nearest, available } = error.details;
      deepEqual({ column, nearest, available }, { column: "c7x", nearest: "c7", available: wide.map(({ name }) => name) });
      ok(error.message.includes(file.name), "the message does not name the file");
    }
  });
}
