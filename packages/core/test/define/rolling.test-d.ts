import { describe, expectTypeOf, it } from "vitest";
import type { RowOf } from "../../src/define/any-feature.js";
import { t } from "../../src/define/column-types.js";
import { source } from "../../src/define/source.js";
import { feature } from "../../src/features/feature.js";

const flights = source({
  path: "flights.parquet",
  columns: { date: t.timestamp(), origin: t.string({ nullable: false }), delay: t.int64(), carrier: t.string() },
  timestamp: "date",
});

describe("a feature with windows", () => {
  it("has its keys, its timestamp and a column for each aggregation and window, by name", () => {
    const delay = feature({
      name: "delay",
      source: flights,
      keys: ["origin"],
      rolling: { every: "1d", windows: ["7d", "30d"], aggregations: { delay: ["sum", "mean", "count"], carrier: ["max"] } },
    });
    expectTypeOf<RowOf<typeof delay>>().toEqualTypeOf<{
      origin: string;
      date: Date;
      delay__delay__sum__1d__7d: number | null;
      delay__delay__sum__1d__30d: number | null;
      delay__delay__mean__1d__7d: number | null;
      delay__delay__mean__1d__30d: number | null;
      delay__delay__count__1d__7d: number;
      delay__delay__count__1d__30d: number;
      delay__carrier__max__1d__7d: string | null;
      delay__carrier__max__1d__30d: string | null;
    }>();
  });

  it("takes several, over the columns of its transform", () => {
    const delay = feature({
      name: "d",
      source: flights,
      keys: ["origin"],
      transform: (rows) => rows.derive((row) => ({ hours: row.delay.dividedBy(60) })).select("origin", "date", "hours"),
      rolling: [
        { every: "1h", windows: ["6h"], aggregations: { hours: ["std"] } },
        { every: "1d", windows: ["7d"], aggregations: { hours: ["median"] } },
      ],
    });
    expectTypeOf<RowOf<typeof delay>>().toEqualTypeOf<{
      origin: string;
      date: Date;
      d__hours__std__1h__6h: number | null;
      d__hours__median__1d__7d: number | null;
    }>();
  });

  it("refuses arithmetic with text, other aggregations and other durations", () => {
    const base = { name: "x", source: flights, keys: ["origin"] } as const;
    // @ts-expect-error text has no sum
    void (() => feature({ ...base, rolling: { every: "1d", windows: ["7d"], aggregations: { carrier: ["sum"] } } }));
    // @ts-expect-error no such aggregation
    void (() => feature({ ...base, rolling: { every: "1d", windows: ["7d"], aggregations: { delay: ["topK"] } } }));
    // @ts-expect-error no duration
    void (() => feature({ ...base, rolling: { every: "1 day", windows: ["7d"], aggregations: { delay: ["sum"] } } }));
  });

  it("refuses a column that is not there, alone and in a list", () => {
    const base = { name: "x", source: flights, keys: ["origin"] } as const;
    // @ts-expect-error no such column
    void (() => feature({ ...base, rolling: { every: "1d", windows: ["7d"], aggregations: { dely: ["sum"] } } }));
    void (() =>
      feature({
        ...base,
        transform: (rows) => rows.select("origin", "date", "carrier"),
        // @ts-expect-error the transform left the column out
        rolling: [{ every: "1d", windows: ["7d"], aggregations: { delay: ["sum"] } }],
      }));
  });

  it("takes any column where the source declares none", () => {
    const free = feature({
      name: "x",
      source: source({ path: "a.csv", timestamp: undefined }),
      keys: ["origin"],
      timestamp: "at",
      rolling: { every: "1d", windows: ["7d"], aggregations: { whatever: ["sum"] } },
    });
    expectTypeOf(free.name).toEqualTypeOf<"x">();
  });

  it("leaves features without windows as they are", () => {
    const plain = feature({ name: "plain", source: flights, keys: ["origin"] });
    expectTypeOf<RowOf<typeof plain>>().toEqualTypeOf<{ date: Date; origin: string; delay: number | null; carrier: string | null }>();
  });
});
