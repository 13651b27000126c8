import { describe, expectTypeOf, it } from "vitest";
import type { BooleanExpr, NumericExpr, StringExpr } from "../../src/index.js";
import {
  check,
  feature,
  greaterThan,
  inRange,
  isIn,
  lessThan,
  matchesRegex,
  notNull,
  type RowOf,
  rowCount,
  source,
  t,
  unique,
} from "../../src/index.js";

const flights = source({
  path: "flights.parquet",
  columns: { date: t.timestamp(), origin: t.string({ nullable: false }), delay: t.int64(), fare: t.decimal(10, 2) },
  timestamp: "date",
});
const keys = ["origin"] as const;

describe("validators", () => {
  it("take the columns of the rows and constants of their kinds", () => {
    feature({
      name: "x",
      source: flights,
      keys,
      validators: [
        notNull("delay"),
        unique("origin", { tolerate: 0.1 }),
        inRange("delay", { min: -100, max: 3000n }),
        greaterThan("fare", "9.99", { severity: "warn" }),
        lessThan("date", new Date(0)),
        isIn("origin", ["SEA", "SFO"]),
        matchesRegex("origin", /^[A-Z]{3}$/),
        check("any", (row) => row.anything.gt(1)),
        rowCount({ min: 1, max: 10 }),
      ],
    });
  });

  it("leave the type of the feature as it is", () => {
    const made = feature({
      name: "x",
      source: flights,
      keys,
      transform: (rows) => rows.groupBy("origin").aggregate(({ delay }) => ({ total: delay.sum() })),
      validators: (row) => [notNull("total"), check("c", row.total.gt(1))],
    });
    expectTypeOf<RowOf<typeof made>>().toEqualTypeOf<{ origin: string; total: number | null }>();
  });

  it("know the row, with a transform and without", () => {
    feature({
      name: "x",
      source: flights,
      keys,
      validators: (row) => {
        expectTypeOf(row.origin).toEqualTypeOf<StringExpr<false>>();
        return [check("c", row.delay.gt(1))];
      },
    });
    feature({
      name: "x",
      source: flights,
      keys,
      transform: (rows) => rows.groupBy("origin").aggregate(({ delay }) => ({ late: delay.gt(0).any(), n: delay.count() })),
      validators: (row) => {
        expectTypeOf(row.late).toEqualTypeOf<BooleanExpr<true>>();
        expectTypeOf(row.n).toEqualTypeOf<NumericExpr<"int64", false>>();
        return [check("c", row.late)];
      },
    });
  });

  it("refuse other columns and constants", () => {
    // @ts-expect-error no such column
    void (() => feature({ name: "x", source: flights, keys, validators: [notNull("dely")] }));
    // @ts-expect-error no such column, in a function
    void (() => feature({ name: "x", source: flights, keys, validators: (row) => [check("c", row.delay.gt(1)), unique("dely")] }));
    // @ts-expect-error no such column of the row
    void (() => feature({ name: "x", source: flights, keys, validators: (row) => [check("c", row.dely.gt(1))] }));
    // @ts-expect-error a number is no text
    void (() => feature({ name: "x", source: flights, keys, validators: [isIn("origin", [1])] }));
    // @ts-expect-error a text is no integer
    void (() => feature({ name: "x", source: flights, keys, validators: [inRange("delay", { min: "a", max: "b" })] }));
    // @ts-expect-error a pattern for an integer
    void (() => feature({ name: "x", source: flights, keys, validators: [matchesRegex("delay", "1")] }));
    // @ts-expect-error not a condition
    void (() => feature({ name: "x", source: flights, keys, validators: (row) => [check("c", row.delay)] }));
    void (() =>
      feature({
        name: "x",
        source: flights,
        keys,
        transform: (rows) => rows.select("origin", "fare"),
        // @ts-expect-error the transform left the column out
        validators: [notNull("delay")],
      }));
  });

  it("take every column where the source declares none", () => {
    feature({
      name: "x",
      source: source({ path: "anything.csv" }),
      keys,
      validators: (row) => [notNull("anything"), greaterThan("other", 1), isIn("third", ["a"]), check("c", row.fourth.gt(1))],
    });
  });
});

describe("validators of a feature with windows", () => {
  const rolling = { every: "1d", windows: ["7d"], aggregations: { delay: ["mean", "count"] } } as const;

  it("take the columns that windows make", () => {
    feature({
      name: "d",
      source: flights,
      keys,
      rolling,
      validators: (row) => {
        expectTypeOf(row.d__delay__count__1d__7d).toEqualTypeOf<NumericExpr<"int64", false>>();
        return [notNull("origin"), notNull("date"), inRange("d__delay__mean__1d__7d", { min: -100, max: 3_000 })];
      },
    });
    feature({ name: "d", source: source({ path: "anything.csv", timestamp: "at" }), keys, rolling, validators: [notNull("origin")] });
  });

  it("refuse those that are gone", () => {
    // @ts-expect-error windows leave only what they make
    void (() => feature({ name: "d", source: flights, keys, rolling, validators: [notNull("delay")] }));
    // @ts-expect-error no such window
    void (() => feature({ name: "d", source: flights, keys, rolling, validators: [notNull("d__delay__mean__1d__9d")] }));
    // @ts-expect-error windows leave only what they make, also in the row
    void (() => feature({ name: "d", source: flights, keys, rolling, validators: (row) => [check("c", row.delay.gt(1))] }));
  });
});
