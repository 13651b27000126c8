import type { Column, Columns } from "@mlforge/spec";
import { describe, expectTypeOf, it } from "vitest";
import type { Feature, RowOf } from "../../src/define/any-feature.js";
import { t } from "../../src/define/column-types.js";
import { type Source, source } from "../../src/define/source.js";
import { feature } from "../../src/features/feature.js";
import type { LabelRowOf } from "../../src/train/labels.js";

const events = source({
  path: "events/**/*.parquet",
  columns: { user: t.string(), amount: t.int64() },
  partitions: { dt: t.date({ nullable: false }), region: t.string() },
  timestamp: "dt",
});

interface Declared extends Columns {
  readonly user: Column<"string", true>;
  readonly amount: Column<"int64", true>;
  readonly dt: Column<"date", false>;
  readonly region: Column<"string", true>;
}

describe("the columns out of folder names", () => {
  it("are columns of the source, beside those of its files", () => {
    expectTypeOf(events).toExtend<Source<Pick<Declared, "user" | "amount" | "dt" | "region">, "dt">>();
    expectTypeOf<LabelRowOf<typeof events>>().toEqualTypeOf<{
      user: string | null;
      amount: number | null;
      dt: Date;
      region: string | null;
    }>();
  });

  it("are keys, timestamps and expressions like any other", () => {
    const plain = feature({ name: "plain", source: events, keys: ["user", "region"] });
    expectTypeOf<RowOf<typeof plain>>().toEqualTypeOf<{ user: string; amount: number | null; dt: Date; region: string }>();
    const daily = feature({
      name: "daily",
      source: events,
      keys: ["region"],
      transform: (rows) =>
        rows
          .filter(({ region }) => region.ne("test"))
          .groupBy("region", "dt")
          .aggregate(({ amount }) => ({ total: amount.sum() })),
    });
    expectTypeOf(daily).toExtend<
      Feature<
        "daily",
        "region",
        { readonly region: Column<"string", true>; readonly dt: Column<"date", false>; readonly total: Column<"int64", true> },
        "dt"
      >
    >();
  });

  it("leave every name allowed where those of the files are not declared", () => {
    const found = source({ path: "events/**/*.parquet", partitions: { dt: t.date() }, timestamp: "dt" });
    expectTypeOf(found).toEqualTypeOf<Source<Columns, "dt">>();
    void (() => feature({ name: "x", source: found, keys: ["whatever"] }));
  });

  it("leave a source without them as it was", () => {
    expectTypeOf(source({ path: "a.csv", columns: { at: t.timestamp() }, timestamp: "at" })).toEqualTypeOf<
      Source<{ readonly at: Column<"timestamp", true> }, "at">
    >();
  });

  it("are refused where they are misspelt or of another kind", () => {
    // @ts-expect-error no such column, neither in the files nor in the folders
    void (() => source({ path: "a.csv", columns: { a: t.string() }, partitions: { dt: t.date() }, timestamp: "td" }));
    // @ts-expect-error no such key
    void (() => feature({ name: "x", source: events, keys: ["regin"] }));
    void (() =>
      feature({
        name: "x",
        source: events,
        keys: ["user"],
        transform: (rows) =>
          rows
            .groupBy("user")
            // @ts-expect-error a string has no sum
            .aggregate(({ region }) => ({ total: region.sum() })),
      }));
  });
});
