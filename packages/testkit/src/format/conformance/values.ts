import { deepEqual, equal } from "node:assert/strict";
import type { Format, NamedColumn, Schema } from "@mlforge/spec";
import fc from "fast-check";
import { arrowTypeOf } from "../arrow-type.js";
import { collect, fileOf } from "../memory-file.js";
import { type PlainValue, plainRows } from "../plain-value.js";
import { randomRows, randomSizes } from "../random-rows.js";
import type { FormatLaw } from "../runner.js";
import { type Sample, samples } from "../samples.js";
import { expectColumns } from "./columns.js";
import { batchesOf, write } from "./tables.js";

export function valueLaws(law: FormatLaw): void {
  for (const sample of samples) {
    law(`round trip of ${sample.what}`, (format) => comesBack(format, false, sample));
    law(`round trip of ${sample.what}, with nulls between them`, (format) => comesBack(format, true, sample));
  }

  law("a column of nothing but nulls comes back, for every kind", async (format) => {
    const columns: Schema = samples.map(({ column }, position) => ({ ...column, name: `column ${position}`, nullable: true }));
    const rows = Array.from({ length: 70 }, () => columns.map(() => null));
    const read = await collect(format.decode(await write(format, columns, rows)));
    deepEqual(plainRows(read), rows);
  });

  law("any rows of any columns come back, in batches of any size", async (format) => {
    await fc.assert(
      fc.asyncProperty(randomRows(), randomSizes, fc.integer({ min: 1, max: 50 }), async (table, sizes, batchRows) => {
        const file = await fileOf(format.encode(batchesOf(table, sizes), table.columns));
        const read = await collect(format.decode(file, { batchRows }));
        deepEqual(plainRows(read), table.rows);
        expectColumns(await format.describe(file), table.columns);
      }),
      { numRuns: 100 },
    );
  });
}

async function comesBack(format: Format, nullable: boolean, { column, values }: Sample): Promise<void> {
  const columns: readonly [NamedColumn] = [{ ...column, name: "value", nullable }];
  const rows = nullable ? values.flatMap((value): PlainValue[][] => [[value], [null]]) : values.map((value) => [value]);
  const read = await collect(format.decode(await write(format, columns, rows)));
  for (const batch of read) equal(String(batch.schema.fields[0]?.type), String(arrowTypeOf(column)));
  deepEqual(plainRows(read), rows);
}
