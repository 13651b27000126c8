import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { NamedColumn, Schema } from "@mlforge/spec";
import * as fc from "fast-check";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RowValue, rowsOf } from "../../src/read/rows.js";
import type { LabelPart } from "../../src/train/label-rows.js";
import { spoolValues } from "../../src/train/spool-values.js";

const engine = new DuckDBEngine({ threads: 2 });
afterAll(() => engine[Symbol.asyncDispose]());

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-spool-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type LabelValues = readonly RowValue[];

/** Splits rows into parts of these lengths, and one of the rest. */
function partsOf(rows: readonly LabelValues[], schema: Schema, lengths: readonly number[] = []): LabelPart[] {
  const parts: LabelPart[] = [];
  let start = 0;
  for (const length of [...lengths, rows.length]) {
    const part = rows.slice(start, start + length);
    parts.push({
      rows: part.length,
      columns: schema.map(
        (_, column) =>
          (row: number): RowValue =>
            part[row]?.[column] ?? null,
      ),
    });
    start += length;
  }
  return parts;
}

/** Returns the rows as the engine reads them back, with every digit, and the names of the files they were in. */
async function readBack(
  rows: readonly LabelValues[],
  schema: Schema,
  lengths?: readonly number[],
): Promise<{ rows: RowValue[][]; files: string[] }> {
  const place = await mkdtemp(join(folder, "values-"));
  const plan = await spoolValues(partsOf(rows, schema, lengths), schema, place);
  const found: RowValue[][] = [];
  for await (const batch of engine.run(plan))
    for (const row of rowsOf(batch, schema, { int64: "bigint", timestamp: "microseconds" })) found.push(Object.values(row));
  return { rows: found, files: await readdir(place) };
}

const day = 86_400_000;
const [firstDay, lastDay] = [Date.UTC(1970, 0, 1) - 719_162 * day, Date.UTC(9999, 11, 31)];
const micros = fc.bigInt({ min: BigInt(firstDay) * 1_000n, max: BigInt(lastDay + day) * 1_000n - 1n });
const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("", "\0", "\ufeffa", "null", "NaN", "😀"));

const scalarSchema: Schema = (["boolean", "int32", "int64", "float32", "float64", "string", "bytes", "date", "timestamp"] as const).map(
  (kind) => ({ name: kind, kind, nullable: true }),
);

/** Values of these kinds, as they are read back. */
const scalarRow = fc.tuple(
  fc.option(fc.boolean()),
  fc.option(fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1))),
  fc.option(fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n))),
  fc.option(fc.float()),
  fc.option(fc.oneof(fc.double(), fc.constantFrom(-0, 0, 5e-324, Number.NaN, Number.NEGATIVE_INFINITY))),
  fc.option(text),
  fc.option(fc.uint8Array({ maxLength: 20 })),
  fc.option(fc.integer({ min: firstDay / day, max: lastDay / day }).map((days) => new Date(days * day))),
  fc.option(micros),
);

describe("values that are spooled", () => {
  it("are read back exactly, whatever scalar they are", () =>
    fc.assert(
      fc.asyncProperty(fc.array(scalarRow, { maxLength: 30 }), fc.array(fc.nat(20), { maxLength: 3 }), async (rows, lengths) => {
        const read = await readBack(rows, scalarSchema, lengths);
        expect(read).toEqual({ rows, files: ["labels.parquet"] });
      }),
      { numRuns: 60 },
    ));

  it("are read back exactly beside lists, which are written as text", () =>
    fc.assert(
      fc.asyncProperty(fc.array(scalarRow, { maxLength: 10 }), async (rows) => {
        const list: NamedColumn = { name: "list", kind: "list", of: { kind: "int64", nullable: true }, nullable: true };
        const wider = rows.map((row, index) => [...row, index % 2 === 0 ? [BigInt(index), null] : null]);
        const read = await readBack(wider, [...scalarSchema, list]);
        expect(read).toEqual({ rows: wider, files: ["labels.ndjson"] });
      }),
      { numRuns: 20 },
    ));

  it("may be numbers where integers are meant, and Dates where moments are", async () => {
    const schema: Schema = [
      { name: "n", kind: "int64", nullable: true },
      { name: "x", kind: "float64", nullable: true },
      { name: "t", kind: "timestamp", nullable: true },
    ];
    const read = await readBack([[2 ** 53 - 1, 7n, new Date(-1)]], schema);
    expect(read.rows).toEqual([[2n ** 53n - 1n, 7, -1_000n]]);
  });

  it("keep the sign of zero among many zeros", async () => {
    const rows = Array.from({ length: 2_000 }, (_, index): LabelValues => [index % 3 === 0 ? -0 : 0]);
    expect((await readBack(rows, [{ name: "x", kind: "float64", nullable: true }])).rows).toEqual(rows);
  });

  it("keep their order over row groups, however long they are", async () => {
    const schema: Schema = [
      { name: "n", kind: "int64", nullable: true },
      { name: "s", kind: "string", nullable: true },
    ];
    const many = Array.from({ length: 130_000 }, (_, index): LabelValues => [BigInt(index), null]);
    const { rows } = await readBack(many, schema, [1, 63, 100_000]);
    expect(rows).toHaveLength(many.length);
    expect(rows.findIndex(([n], index) => n !== BigInt(index))).toBe(-1);
    const long = Array.from({ length: 40 }, (_, index): LabelValues => [BigInt(index), String(index).repeat(500_000)]);
    expect((await readBack(long, schema)).rows).toEqual(long);
  });

  it("are pulled no further than one row group ahead of what is written", async () => {
    const schema: Schema = [{ name: "s", kind: "string", nullable: true }];
    const abort = new AbortController();
    let pulled = 0;
    function* endless(): Generator<LabelPart> {
      for (;;) {
        pulled++;
        if (pulled === 100) abort.abort(new Error("enough"));
        yield { rows: 1, columns: [() => "x".repeat(1_000_000)] };
      }
    }
    await expect(spoolValues(endless(), schema, folder, abort.signal)).rejects.toThrow("enough");
    expect(pulled).toBeLessThan(120);
  });
});
