import type { CellValue, Column } from "@mlforge/spec";
import { describe, expectTypeOf, it } from "vitest";
import type { AnyFeature, Feature, RowOf } from "../../src/define/any-feature.js";
import { batches } from "../../src/define/batches-transform.js";
import { t } from "../../src/define/column-types.js";
import { entity } from "../../src/define/entity.js";
import type { FeatureInput, FeatureNamed, FeatureNames, FeaturesOf } from "../../src/define/features-of.js";
import { source } from "../../src/define/source.js";
import { sql } from "../../src/define/sql-transform.js";
import { surrogateKey } from "../../src/define/surrogate-key.js";
import { feature } from "../../src/features/feature.js";

const flights = source({
  path: "flights.parquet",
  columns: { date: t.timestamp(), origin: t.string({ nullable: false }), delay: t.int64() },
  timestamp: "date",
});
const airport = entity({ name: "airport", keys: ["origin"] });
const day = entity({ name: "day", keys: ["date"] });

type Date_ = Column<"timestamp", true>;
type Origin = Column<"string", false>;
type Delay = Column<"int64", true>;

const plain = feature({ name: "plain", source: flights, keys: ["origin"] });
const total = feature({
  name: "total",
  source: flights,
  entities: [airport],
  transform: (rows) =>
    rows
      .filter((row) => row.delay.gt(0))
      .groupBy("origin")
      .aggregate(({ delay }) => ({ total: delay.sum(), n: delay.count() })),
});

describe("features", () => {
  it("have the columns of their source where nothing is transformed", () => {
    expectTypeOf(plain).toEqualTypeOf<
      Feature<"plain", "origin", { readonly date: Date_; readonly origin: Origin; readonly delay: Delay }, "date">
    >();
    expectTypeOf<RowOf<typeof plain>>().toEqualTypeOf<{ date: Date; origin: string; delay: number | null }>();
  });

  it("have the columns their transform gives, and no timestamp if it is gone", () => {
    expectTypeOf(total).toEqualTypeOf<
      Feature<
        "total",
        "origin",
        { readonly origin: Origin; readonly total: Column<"int64", true>; readonly n: Column<"int64", false> },
        undefined
      >
    >();
    expectTypeOf<RowOf<typeof total>>().toEqualTypeOf<{ origin: string; total: number | null; n: number }>();
  });

  it("take keys from several entities", () => {
    expectTypeOf(feature({ name: "x", source: flights, entities: [airport, day], timestamp: null })).toExtend<
      Feature<"x", "origin" | "date", { readonly date: Date_; readonly origin: Origin; readonly delay: Delay }, undefined>
    >();
  });

  it("take the declared columns of a query and of a function over batches", () => {
    const columns = { origin: t.string(), at: t.timestamp(), longest: t.int32({ nullable: false }) };
    const query = feature({
      name: "q",
      source: flights,
      keys: ["origin"],
      timestamp: "at",
      transform: sql({ query: "SELECT 1", columns }),
    });
    expectTypeOf<RowOf<typeof query>>().toEqualTypeOf<{ origin: string; at: Date; longest: number }>();
    expectTypeOf(query).toExtend<Feature<"q", "origin", typeof columns, "at">>();
    const loop = feature({ name: "b", source: flights, keys: ["origin"], transform: batches({ columns, run: (input) => input }) });
    expectTypeOf<RowOf<typeof loop>>().toEqualTypeOf<{ origin: string; at: Date | null; longest: number }>();
  });

  it("take keys and a timestamp that their transform makes", () => {
    const daily = feature({
      name: "daily",
      source: flights,
      entities: [airport],
      transform: (rows) =>
        rows
          .derive(({ date }) => ({ known_at: date.truncate("1d") }))
          .groupBy("origin", "known_at")
          .aggregate(({ delay }) => ({ total: delay.sum() })),
      timestamp: "known_at",
    });
    expectTypeOf<RowOf<typeof daily>>().toEqualTypeOf<{ origin: string; known_at: Date; total: number | null }>();
    const renamed = feature({
      name: "renamed",
      source: flights,
      keys: ["airport"],
      transform: (rows) => rows.select({ airport: "origin" }, "delay"),
    });
    expectTypeOf<RowOf<typeof renamed>>().toEqualTypeOf<{ airport: string; delay: number | null }>();
  });

  it("refuse what their rows do not have", () => {
    // @ts-expect-error no such column
    void (() => feature({ name: "x", source: flights, keys: ["orign"] }));
    // @ts-expect-error the key is a column of the source, but gone from the rows
    void (() => feature({ name: "x", source: flights, keys: ["origin"], transform: (rows) => rows.select("delay") }));
    // @ts-expect-error the entity's key is no column
    void (() => feature({ name: "x", source: flights, entities: [entity({ name: "carrier", keys: ["carrier"] })] }));
    // @ts-expect-error no such timestamp
    void (() => feature({ name: "x", source: flights, keys: ["origin"], timestamp: "at" }));
    // @ts-expect-error no such column in the source
    void (() => source({ path: "a.csv", columns: { at: t.timestamp() }, timestamp: "date" }));
    void (() =>
      feature({
        name: "x",
        source: flights,
        keys: ["origin"],
        // @ts-expect-error sum of a string
        transform: (rows) => rows.groupBy("origin").aggregate(({ origin }) => ({ s: origin.sum() })),
      }));
    // @ts-expect-error a transform gives a relation
    void (() => feature({ name: "x", source: flights, keys: ["origin"], transform: () => 1 }));
  });

  it("are found in arrays and modules by name", () => {
    type Module = { readonly total: typeof total; readonly flights: typeof flights; readonly limit: number };
    type Inputs = readonly [typeof plain, Module];
    expectTypeOf<FeaturesOf<Inputs>>().toEqualTypeOf<typeof plain | typeof total>();
    expectTypeOf<FeatureNames<Inputs>>().toEqualTypeOf<"plain" | "total">();
    expectTypeOf<FeatureNamed<FeaturesOf<Inputs>, "total">>().toEqualTypeOf<typeof total>();
    expectTypeOf<FeatureNames<readonly FeatureInput[]>>().toEqualTypeOf<string>();
    expectTypeOf(total).toExtend<AnyFeature>();
  });
});

describe("sources without columns", () => {
  const anything = source({ path: "anything.csv" });

  it("allow every column and method", () => {
    const loose = feature({
      name: "loose",
      source: anything,
      keys: ["origin"],
      transform: (rows) =>
        rows
          .filter((row) => row.delay.gt(0).and(row.origin.startsWith("S")))
          .derive((row) => ({ hours: row.delay.dividedBy(60) }))
          .groupBy("origin")
          .aggregate(({ hours }) => ({ total: hours.sum() }))
          .derive(({ total }) => ({ twice: total.times(2) })),
    });
    expectTypeOf(loose).toExtend<
      Feature<"loose", "origin", { readonly origin: Column; readonly total: Column; readonly twice: Column }, undefined>
    >();
    expectTypeOf<RowOf<typeof loose>["total"]>().toEqualTypeOf<Exclude<CellValue, bigint>>();
  });

  it("still check the columns they made themselves", () => {
    void (() =>
      feature({
        name: "x",
        source: anything,
        // @ts-expect-error the rows have no such column
        keys: ["orign"],
        transform: (rows) => rows.groupBy("origin").aggregate(({ delay }) => ({ total: delay.sum() })),
      }));
  });

  it("join with sources that declare theirs", () => {
    const mixed = feature({
      name: "mixed",
      source: flights,
      keys: ["origin"],
      transform: (rows) => rows.join(anything, { on: "origin" }).select("origin", "rain"),
    });
    expectTypeOf(mixed.keys).toEqualTypeOf<readonly "origin"[]>();
  });
});

describe("entities whose key is made of other columns", () => {
  const route = entity({ name: "route", joinKey: "route_id", from: ["origin", "delay"] });

  it("give their features the key as a column that is never null", () => {
    const made = feature({ name: "made", source: flights, entities: [route] });
    expectTypeOf<RowOf<typeof made>>().toEqualTypeOf<{ date: Date; origin: string; delay: number | null; route_id: string }>();
    expectTypeOf(made.keys).toEqualTypeOf<readonly "route_id"[]>();
    const grouped = feature({
      name: "grouped",
      source: flights,
      entities: [airport, route],
      transform: (rows) => rows.groupBy("route_id", "origin").aggregate(({ route_id }) => ({ longest: route_id.length().max() })),
    });
    expectTypeOf<RowOf<typeof grouped>>().toEqualTypeOf<{ origin: string; route_id: string; longest: number | null }>();
  });

  it("need the columns they are made of", () => {
    const user = entity({ name: "user", joinKey: "user_id", from: { first: t.string(), origin: t.string() } });
    // @ts-expect-error flights have no first
    void (() => feature({ name: "x", source: flights, entities: [user] }));
    // @ts-expect-error the row lacks a column
    void (() => surrogateKey(user, { first: "Ada" }));
    void (() => surrogateKey(user, { first: "Ada", origin: null }));
    // @ts-expect-error a join key is made of something
    void (() => entity({ name: "user", joinKey: "user_id" }));
  });
});
