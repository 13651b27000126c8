import { deepEqual, equal, ok } from "node:assert/strict";
import { type Column, type Format, isMlforgeError, type Schema } from "@mlforge/spec";
import { type RecordBatch, Table, TimestampMillisecond, TimestampSecond, tableFromArrays, vectorFromArray } from "apache-arrow";
import fc from "fast-check";
import { rejectsWith } from "../../store/conformance/expect.js";
import { batchOf } from "../batch-of.js";
import { bytesOf, collect, fileOf } from "../memory-file.js";
import { type PlainValue, plainRows } from "../plain-value.js";
import { randomRows } from "../random-rows.js";
import type { FormatLaw } from "../runner.js";
import { yielding } from "./tables.js";

const columns: Schema = [
  { name: "id", kind: "int32", nullable: false },
  { name: "name", kind: "string", nullable: true },
];
const rows: PlainValue[][] = [
  [1, "a"],
  [2, null],
  [3, "c"],
];

export function encodeLaws(law: FormatLaw): void {
  law("slices of batches are written as the rows in them", async (format) => {
    await fc.assert(
      fc.asyncProperty(randomRows(), fc.nat({ max: 40 }), fc.nat({ max: 40 }), async (table, start, length) => {
        const slice = batchOf(table.columns, table.rows).slice(start, start + length);
        deepEqual(await rowsOf(format, table.columns, slice), table.rows.slice(start, start + length));
      }),
      { numRuns: 60 },
    );
  });

  law("the columns of a batch are found by name, in any order", async (format) => {
    const reversed = batchOf(
      [...columns].reverse(),
      rows.map((row) => [...row].reverse()),
    );
    deepEqual(await rowsOf(format, columns, batchOf(columns, rows), reversed), [...rows, ...rows]);
  });

  law("dictionaries, and timestamps in other units, as Arrow's factories make them, are written exactly or refused", async (format) => {
    const when: Schema = [{ name: "value", kind: "timestamp", nullable: true }];
    const dates = [new Date(1_500), null, new Date(-1)];
    const text = tableFromArrays({ value: ["a", null, "a", "b"] });
    await exactOrRefused(format, [{ name: "value", kind: "string", nullable: true }], text, [["a"], [null], ["a"], ["b"]]);
    const milliseconds = new Table({ value: vectorFromArray(dates, new TimestampMillisecond("Europe/Berlin")) });
    await exactOrRefused(format, when, milliseconds, [["1500000"], [null], ["-1000"]]);
    const seconds = new Table({ value: vectorFromArray([new Date(2_000), null], new TimestampSecond()) });
    await exactOrRefused(format, when, seconds, [["2000000"], [null]]);
  });

  law("batches of other columns are refused with SCHEMA_MISMATCH, which lists every problem", async (format) => {
    const wanted: Schema = [
      { name: "id", kind: "int64", nullable: false },
      { name: "price", kind: "decimal", precision: 9, scale: 2, nullable: false },
      { name: "name", kind: "string", nullable: false },
      { name: "absent", kind: "date", nullable: true },
      { name: "list", kind: "list", of: { kind: "int64", nullable: true }, nullable: true },
      { name: "right", kind: "boolean", nullable: true },
    ];
    const given: Schema = [
      { name: "id", kind: "int32", nullable: false },
      { name: "price", kind: "decimal", precision: 9, scale: 3, nullable: false },
      { name: "name", kind: "string", nullable: true },
      { name: "extra", kind: "date", nullable: true },
      { name: "list", kind: "list", of: { kind: "float64", nullable: true }, nullable: true },
      { name: "right", kind: "boolean", nullable: true },
    ];
    const batch = batchOf(given, [[1, "100", null, null, [1], true]]);
    const error = await collect(format.encode(yielding(batch), wanted)).catch((thrown: unknown) => thrown);
    ok(isMlforgeError(error, "SCHEMA_MISMATCH"), `the error is ${String(error)}`);
    const { problems } = error.details;
    for (const name of ["id", "price", "name", "absent", "list", "extra"])
      equal(
        problems.filter((problem) => new RegExp(`\\b${name}\\b`).test(problem)).length,
        1,
        `problems with ${name}: ${problems.join("; ")}`,
      );
    equal(problems.length, 6, problems.join("; "));
  });

  law("a null where the columns allow none is refused with SCHEMA_MISMATCH, also inside lists and structs", async (format) => {
    const cases: readonly (readonly [where: string, type: (nullable: boolean) => Column, values: readonly PlainValue[]])[] = [
      ["a column", (nullable) => ({ kind: "string", nullable }), ["a", null]],
      ["a list", (nullable) => ({ kind: "list", of: { kind: "int64", nullable }, nullable: true }), [["1", "2"], null, ["1", null]]],
      [
        "a struct",
        (nullable) => ({ kind: "struct", fields: [{ name: "field", kind: "int32", nullable }], nullable: true }),
        [[1], null, [null]],
      ],
      [
        "a list of structs",
        (nullable) => ({
          kind: "list",
          of: { kind: "struct", fields: [{ name: "field", kind: "string", nullable }], nullable: true },
          nullable: true,
        }),
        [[["a"], null], null, [[null]]],
      ],
    ];
    for (const [where, type, values] of cases) {
      const [nullable, strict] = [true, false].map((nulls): Schema => [{ name: "value", ...type(nulls) }]);
      const table = values.map((value) => [value]);
      const batch = batchOf(nullable ?? [], table);
      const error = await collect(format.encode(yielding(batch), strict ?? [])).then(
        () => "no error",
        (thrown: unknown) => thrown,
      );
      ok(isMlforgeError(error, "SCHEMA_MISMATCH"), `a null in ${where} gives ${String(error)}`);
      const allowed = table.slice(0, -1).filter(([value]) => value !== null || where !== "a column");
      deepEqual(await rowsOf(format, strict ?? [], batchOf(nullable ?? [], allowed)), allowed);
    }
  });

  law("a later batch of other columns is refused too", async (format) => {
    const other = batchOf([{ name: "id", kind: "int32", nullable: false }], [[1]]);
    const error = await collect(format.encode(yielding(batchOf(columns, rows), other), columns)).catch((thrown: unknown) => thrown);
    ok(isMlforgeError(error, "SCHEMA_MISMATCH"), `the error is ${String(error)}`);
  });

  law("an error of the batches themselves is passed on unchanged", async (format) => {
    const failure = new Error("the transform threw");
    async function* failing(): AsyncGenerator<RecordBatch> {
      yield batchOf(columns, rows);
      throw failure;
    }
    await rejectsWith(collect(format.encode(failing(), columns)), failure);
  });

  law("the same batches give the same bytes", async (format) => {
    const encode = (): Promise<Uint8Array> => bytesOf(format.encode(yielding(batchOf(columns, rows), batchOf(columns, rows)), columns));
    const [one, two] = [await encode(), await encode()];
    ok(Buffer.from(one).equals(two), "the bytes differ");
  });

  law("encode leaves the batches as they are", async (format) => {
    const batch = batchOf(columns, rows);
    await collect(format.encode(yielding(batch, batch), columns));
    deepEqual(plainRows([batch]), rows);
  });

  law("batches stay as they are while later ones are read", async (format) => {
    const file = await fileOf(format.encode(yielding(batchOf(columns, rows)), columns));
    const batches: RecordBatch[] = [];
    const seen: PlainValue[][] = [];
    for await (const batch of format.decode(file, { batchRows: 1 })) {
      batches.push(batch);
      seen.push(...plainRows([batch]));
    }
    deepEqual({ seen, kept: plainRows(batches) }, { seen: rows, kept: rows });
  });
}

async function rowsOf(format: Format, schema: Schema, ...batches: readonly RecordBatch[]): Promise<PlainValue[][]> {
  return plainRows(await collect(format.decode(await fileOf(format.encode(yielding(...batches), schema)))));
}

async function exactOrRefused(format: Format, schema: Schema, { batches }: Table, expected: PlainValue[][]): Promise<void> {
  const result = await rowsOf(format, schema, ...batches).catch((error: unknown) => {
    if (isMlforgeError(error, "SCHEMA_MISMATCH")) return expected;
    throw error;
  });
  deepEqual(result, expected);
}
