import { Field, makeData, RecordBatch, Schema, Struct, Utf8, vectorFromArray } from "apache-arrow";
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
