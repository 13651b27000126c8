import { ParquetFormat } from "@mlforge/format-parquet";
import type { Schema } from "@mlforge/spec";
import { batchOf, collect, fileOf, plainColumn } from "@mlforge/testkit/format";
import { type RecordBatch, type Table, tableFromArrays } from "apache-arrow";
import { describe, expect, it } from "vitest";

const format = new ParquetFormat();

async function* batchesOf(...sources: readonly (Table | RecordBatch)[]): AsyncGenerator<RecordBatch> {
  for (const source of sources) {
    if ("batches" in source) yield* source.batches;
    else yield source;
  }
}

describe("encode", () => {
  it("takes what Arrow's own factories make: dictionaries, timestamps in milliseconds", async () => {
    const table = tableFromArrays({ when: [new Date(1500), null], name: ["a", "a"] });
    const columns: Schema = [
      { name: "name", kind: "string", nullable: false },
      { name: "when", kind: "timestamp", nullable: true },
    ];
    const read = await collect(format.decode(await fileOf(format.encode(batchesOf(table), columns))));
    expect(plainColumn(read, "name")).toEqual(["a", "a"]);
    expect(plainColumn(read, "when")).toEqual(["1500000", null]);
  });

  it("refuses batches of other columns with every problem", async () => {
    const columns: Schema = [
      { name: "id", kind: "int64", nullable: false },
      { name: "price", kind: "decimal", precision: 9, scale: 2, nullable: false },
      { name: "name", kind: "string", nullable: false },
      { name: "gone", kind: "date", nullable: true },
    ];
    const batch = batchOf(
      [
        { name: "id", kind: "int32", nullable: false },
        { name: "price", kind: "decimal", precision: 9, scale: 3, nullable: false },
        { name: "name", kind: "string", nullable: true },
        { name: "extra", kind: "date", nullable: true },
      ],
      [
        [1, "100", null, null],
        [2, "200", null, null],
      ],
    );
    await expect(collect(format.encode(batchesOf(batch), columns))).rejects.toMatchObject({
      code: "SCHEMA_MISMATCH",
      details: {
        problems: [
          "id should be int64 and is int32",
          "price should be decimal(9, 2) and is decimal(9, 3)",
          "name should have no nulls and has 2",
          "gone is missing",
          "extra is not declared",
        ],
      },
    });
  });

  it("refuses a string that is not UTF-8, and does not take it for the end of the rows", async () => {
    const columns: Schema = [{ name: "name", kind: "string", nullable: false }];
    const [good, bad] = [batchOf(columns, [["a"]]), batchOf(columns, [["b"], ["c"]])];
    bad.data.children[0]?.values.fill(0xff);
    await expect(collect(format.encode(batchesOf(good, bad, good), columns))).rejects.toMatchObject({
      code: "TRANSFORM_FAILED",
      message: expect.stringContaining("Invalid UTF8 sequence"),
    });
  });
});
