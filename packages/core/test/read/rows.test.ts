import {
  Field,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampMicrosecond,
  Uint32,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../../src/read/rows.js";

function batchOf(texts: readonly (string | null)[]): RecordBatch {
  const { data } = vectorFromArray(texts, new Utf8());
  const schema = new Schema([new Field("text", new Utf8(), true)]);
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: texts.length, nullCount: 0, children: [...data] }));
}

describe("the texts of rows", () => {
  const schema = [{ name: "text", kind: "string", nullable: true }] as const;

  it("keep a byte order mark at their beginning", () => {
    const texts = ["\uFEFF", "\uFEFFa", "a\uFEFF", "", null];
    expect([...rowsOf(batchOf(texts), schema)].map(({ text }) => text)).toEqual(texts);
  });

  it("are what was written, also of a slice", () => {
    const written = fc.array(fc.option(fc.string({ unit: fc.constantFrom("a", "ü", "\uFEFF", "😀", "\u0000") })), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(written, fc.nat(19), (texts, start) => {
        const slice = batchOf(texts).slice(start);
        expect([...rowsOf(slice, schema)].map(({ text }) => text)).toEqual(texts.slice(start));
      }),
    );
  });
});

describe("the integers and timestamps of rows", () => {
  const type = { kind: "int64", nullable: true } as const;
  const schema = [
    { ...type, name: "long" },
    { ...type, name: "short" },
    { ...type, name: "unsigned" },
    { kind: "timestamp", nullable: true, name: "at" },
  ] as const;
  const types = { long: new Int64(), short: new Int32(), unsigned: new Uint32(), at: new TimestampMicrosecond() };

  it("are what was written, also of a slice with nulls", () => {
    const row = fc.record({
      long: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      short: fc.option(fc.integer()),
      unsigned: fc.option(fc.nat(2 ** 32 - 1)),
      at: fc.option(fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n })),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), fc.nat(19), (rows, start) => {
        const columns = {
          long: vectorFromArray(
            rows.map(({ long }) => long),
            types.long,
          ),
          short: vectorFromArray(
            rows.map(({ short }) => short),
            types.short,
          ),
          unsigned: vectorFromArray(
            rows.map(({ unsigned }) => unsigned),
            types.unsigned,
          ),
          at: vectorFromArray(
            rows.map(({ at }) => at),
            new Int64(),
          ),
        };
        const times = columns.at.data.map(({ length, nullCount, nullBitmap, values }) =>
          makeData({ type: types.at, length, nullCount, nullBitmap, data: values }),
        );
        const fields = new Schema(schema.map(({ name }) => new Field(name, types[name], true)));
        const children = [...columns.long.data, ...columns.short.data, ...columns.unsigned.data, ...times];
        const struct = makeData({ type: new Struct(fields.fields), length: rows.length, nullCount: 0, children });
        const slice = new RecordBatch(fields, struct).slice(start);
        const big = (value: number | null): bigint | null => (value === null ? null : BigInt(value));
        expect([...rowsOf(slice, schema, { int64: "bigint", timestamp: "microseconds" })]).toEqual(
          rows.slice(start).map(({ long, short, unsigned, at }) => ({ long, short: big(short), unsigned: big(unsigned), at })),
        );
      }),
    );
  });
});
