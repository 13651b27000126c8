import type { CellValue, Column, Row } from "@mlforge/spec";
import { describe, expectTypeOf, it } from "vitest";
import type { RowOf } from "../../src/define/any-feature.js";
import { t } from "../../src/define/column-types.js";
import type { ColumnFrom } from "../../src/define/expr.js";
import { source } from "../../src/define/source.js";
import { feature } from "../../src/features/feature.js";

const events = source({
  path: "events.parquet",
  columns: {
    id: t.int64({ nullable: false }),
    tags: t.list(t.string({ nullable: false }), { nullable: false }),
    deep: t.list(t.list(t.int64())),
    embedding: t.vector(384, "float32", { nullable: false }),
    wide: t.vector(2, "float64"),
    address: t.struct({ city: t.string(), at: t.struct({ zip: t.int32({ nullable: false }) }, { nullable: false }) }),
    payload: t.json(),
    opens: t.time({ nullable: false }),
  },
});

const all = feature({ name: "all", source: events, keys: ["id"], static: true });

function columnOf<E>(_: E): ColumnFrom<E> {
  throw new Error("for its type only");
}

describe("rows of nested columns", () => {
  it("have the values of each kind", () => {
    type R = RowOf<typeof all>;
    expectTypeOf<R["tags"]>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<R["deep"]>().toEqualTypeOf<readonly (readonly (number | null)[] | null)[] | null>();
    expectTypeOf<R["embedding"]>().toEqualTypeOf<Float32Array>();
    expectTypeOf<R["wide"]>().toEqualTypeOf<Float64Array | null>();
    expectTypeOf<R["address"]>().toEqualTypeOf<{ city: string | null; at: { zip: number } } | null>();
    expectTypeOf<R["payload"]>().toEqualTypeOf<string | null>();
    expectTypeOf<R["opens"]>().toEqualTypeOf<string>();
  });

  it("are values of cells", () => {
    expectTypeOf<
      Row<{ tags: Column<"list", true, Column<"struct", true, { a: Column<"int64", false> }>> }>["tags"]
    >().toExtend<CellValue>();
  });
});

describe("expressions of nested columns", () => {
  it("have the methods of their kind alone", () => {
    feature({
      name: "each",
      source: events,
      keys: ["id"],
      transform: (rows) =>
        rows.derive((row) => {
          expectTypeOf(columnOf(row.tags.length())).toEqualTypeOf<Column<"int64", false>>();
          expectTypeOf(columnOf(row.tags.get(0))).toEqualTypeOf<Column<"string", true>>();
          expectTypeOf(columnOf(row.tags.get(0).upper())).toEqualTypeOf<Column<"string", true>>();
          expectTypeOf(columnOf(row.deep.get(0))).toEqualTypeOf<Column<"list", true, Column<"int64", true>>>();
          expectTypeOf(columnOf(row.tags.contains("a"))).toEqualTypeOf<Column<"boolean", false>>();
          expectTypeOf(columnOf(row.embedding.norm())).toEqualTypeOf<Column<"float64", false>>();
          expectTypeOf(columnOf(row.embedding.cosine(row.wide))).toEqualTypeOf<Column<"float64", true>>();
          expectTypeOf(columnOf(row.embedding.dot([1, 2, 3]))).toEqualTypeOf<Column<"float64", false>>();
          // @ts-expect-error text is not a number
          row.embedding.dot(["1"]);
          expectTypeOf(columnOf(row.address.field("city"))).toEqualTypeOf<Column<"string", true>>();
          expectTypeOf(columnOf(row.address.field("at").field("zip"))).toEqualTypeOf<Column<"int32", true>>();
          expectTypeOf(columnOf(row.payload.path(["a", 0], "int64"))).toEqualTypeOf<Column<"int64", true>>();
          expectTypeOf(columnOf(row.tags.coalesce(row.tags))).toEqualTypeOf<Column<"list", false, Column<"string", false>>>();
          // @ts-expect-error a struct has no such field
          row.address.field("town");
          // @ts-expect-error lists have no order
          row.tags.lt(row.tags);
          // @ts-expect-error lists have no least value
          row.tags.min();
          // @ts-expect-error a number is not an element of a list of strings
          row.tags.contains(1);
          // @ts-expect-error an integer is not a list
          row.id.get(0);
          // @ts-expect-error a list is not a vector
          row.embedding.dot(row.tags);
          // @ts-expect-error a list cannot be cast
          row.tags.cast("string");
          return {};
        }),
    });
  });

  it("carry what they are made of through aggregates", () => {
    feature({
      name: "grouped",
      source: events,
      keys: ["id"],
      static: true,
      transform: (rows) =>
        rows.groupBy("id").aggregate((row) => {
          expectTypeOf(columnOf(row.opens.collect({ by: row.id }))).toEqualTypeOf<Column<"list", true, Column<"time", false>>>();
          expectTypeOf(columnOf(row.id.topK(3))).toEqualTypeOf<Column<"list", true, Column<"int64", false>>>();
          expectTypeOf(columnOf(row.id.histogram([1]))).toEqualTypeOf<Column<"list", false, Column<"int64", false>>>();
          expectTypeOf(columnOf(row.embedding.mean())).toEqualTypeOf<Column<"vector", true, "float64">>();
          expectTypeOf(columnOf(row.embedding.lastBy(row.id))).toEqualTypeOf<Column<"vector", true, "float32">>();
          return { latest: row.embedding.lastBy(row.id) };
        }),
    });
  });
});
