import type { Column } from "@mlforge/spec";
import { describe, expectTypeOf, it } from "vitest";
import { t } from "../../src/define/column-types.js";
import { count } from "../../src/define/count.js";
import { literal } from "../../src/define/literal.js";
import type { From, Relation, Rows } from "../../src/define/relation.js";
import { type Source, source } from "../../src/define/source.js";

const flights = source({
  path: "flights.parquet",
  columns: { date: t.timestamp(), origin: t.string({ nullable: false }), delay: t.int64() },
});
const weather = source({ path: "weather.csv", columns: { station: t.string(), origin: t.string(), rain: t.float64({ nullable: false }) } });

type ColumnsOf<S> = S extends Source<infer C, string | undefined> ? C : never;
declare const rows: Relation<ColumnsOf<typeof flights>>;
declare const timed: Relation<ColumnsOf<typeof flights>, "date">;
declare const from: From;

type Date_ = Column<"timestamp", true>;
type Origin = Column<"string", false>;
type Delay = Column<"int64", true>;
type Rain = Column<"float64", false>;
type Station = Column<"string", true>;

describe("relations", () => {
  it("add and replace columns", () => {
    expectTypeOf(rows.derive(({ delay }) => ({ late: delay.gt(15), delay: delay.dividedBy(60) }))).toEqualTypeOf<
      Relation<{
        readonly date: Date_;
        readonly origin: Origin;
        readonly late: Column<"boolean", true>;
        readonly delay: Column<"float64", true>;
      }>
    >();
    const share: number = Math.random();
    const constants = rows.select("origin").derive(() => ({ one: 1, half: -0.5, big: 2n, far: 9007199254740992, text: "a", yes: true }));
    expectTypeOf(constants).toEqualTypeOf<
      Relation<{
        readonly origin: Origin;
        readonly one: Column<"int64", false>;
        readonly half: Column<"float64", false>;
        readonly big: Column<"int64", false>;
        readonly far: Column<"float64", false>;
        readonly text: Column<"string", false>;
        readonly yes: Column<"boolean", false>;
      }>
    >();
    expectTypeOf(rows.select("origin").derive(() => ({ at: new Date(0), raw: new Uint8Array() }))).toEqualTypeOf<
      Relation<{ readonly origin: Origin; readonly at: Column<"timestamp", false>; readonly raw: Column<"bytes", false> }>
    >();
    // @ts-expect-error a number that may be an integer or not
    rows.derive(() => ({ share }));
    // @ts-expect-error the same of a number that is none
    rows.derive(() => ({ none: Number.NaN }));
    // @ts-expect-error a null of which type
    rows.derive(() => ({ none: null }));
    // @ts-expect-error an array is no constant
    rows.derive(() => ({ list: [1] }));
    expectTypeOf(rows.select("origin").derive(() => ({ one: literal(1n) }))).toEqualTypeOf<
      Relation<{ readonly origin: Origin; readonly one: Column<"int64", false> }>
    >();
    // @ts-expect-error an aggregate needs a group
    rows.derive(({ delay }) => ({ total: delay.sum() }));
  });

  it("have a type, for steps that features share", () => {
    expectTypeOf<Rows<typeof flights>>().toEqualTypeOf<Relation<ColumnsOf<typeof flights>, undefined>>();
    const late = (all: Rows<typeof flights>) => all.filter(({ delay }) => delay.gt(15)).select("origin", "delay");
    const counted = (all: Rows<typeof late>) => all.groupBy("origin").aggregate(() => ({ n: count() }));
    expectTypeOf<Rows<typeof counted>>().toEqualTypeOf<
      Relation<{ readonly origin: Origin; readonly n: Column<"int64", false> }, undefined>
    >();
  });

  it("filter by conditions", () => {
    expectTypeOf(rows.filter(({ delay }) => delay.gt(0))).toEqualTypeOf<typeof rows>();
    // @ts-expect-error a number is no condition
    rows.filter(({ delay }) => delay);
    // @ts-expect-error a comparison in JavaScript is no expression
    rows.filter(({ origin }) => origin === "SEA");
  });

  it("select and rename columns", () => {
    expectTypeOf(rows.select("origin", "delay")).toEqualTypeOf<Relation<{ readonly origin: Origin; readonly delay: Delay }>>();
    expectTypeOf(rows.select("origin", { minutes: "delay", at: "date" })).toEqualTypeOf<
      Relation<{ readonly origin: Origin; readonly minutes: Delay; readonly at: Date_ }>
    >();
    // @ts-expect-error no such column
    rows.select("orign");
    // @ts-expect-error no such column to rename
    rows.select({ minutes: "dely" });
  });

  it("aggregate groups", () => {
    expectTypeOf(rows.groupBy("origin").aggregate(({ delay }) => ({ total: delay.sum(), n: count() }))).toEqualTypeOf<
      Relation<{ readonly origin: Origin; readonly total: Column<"int64", true>; readonly n: Column<"int64", false> }>
    >();
    // @ts-expect-error no such column
    rows.groupBy("orign");
    // @ts-expect-error say how to aggregate a column
    rows.groupBy("origin").aggregate(({ delay }) => ({ delay }));
  });

  it("compute with aggregates of some rows", () => {
    const late = rows.groupBy("origin").aggregate(({ delay, date }) => ({
      share: delay.sum({ where: delay.gt(15) }).dividedBy(delay.sum()),
      more: count({ where: delay.gt(15) }).plus(1),
      total: delay.sum().coalesce(0),
      span: date.min().microsecondsUntil(date.max()),
    }));
    expectTypeOf(late).toEqualTypeOf<
      Relation<{
        readonly origin: Origin;
        readonly share: Column<"float64", true>;
        readonly more: Column<"int64", false>;
        readonly total: Column<"int64", false>;
        readonly span: Column<"int64", true>;
      }>
    >();
    // @ts-expect-error a value of single rows beside an aggregate
    rows.groupBy("origin").aggregate(({ delay }) => ({ share: delay.sum().dividedBy(delay) }));
    // @ts-expect-error the condition is a number
    rows.groupBy("origin").aggregate(({ delay }) => ({ late: delay.sum({ where: delay }) }));
    // @ts-expect-error no such option
    rows.groupBy("origin").aggregate(({ delay }) => ({ late: delay.sum({ were: delay.gt(1) }) }));
  });

  it("group by expressions", () => {
    expectTypeOf(
      rows.groupBy("origin", ({ date }) => ({ day: date.truncate("1d"), year: date.year() })).aggregate(({ day }) => ({ n: day.count() })),
    ).toEqualTypeOf<
      Relation<{
        readonly origin: Origin;
        readonly day: Date_;
        readonly year: Column<"int64", true>;
        readonly n: Column<"int64", false>;
      }>
    >();
    // @ts-expect-error no such column
    rows.groupBy("origin", ({ dte }) => ({ day: dte.truncate("1d") }));
  });

  it("pivot declared values into columns", () => {
    expectTypeOf(
      rows.groupBy("date").pivot({ column: "origin", values: ["SEA", "JFK"], aggregate: ({ delay }) => ({ late: delay.sum() }) }),
    ).toEqualTypeOf<
      Relation<{ readonly date: Date_; readonly late_SEA: Column<"int64", true>; readonly late_JFK: Column<"int64", true> }>
    >();
    // @ts-expect-error no such column
    rows.groupBy("date").pivot({ column: "orgin", values: ["SEA"], aggregate: ({ delay }) => ({ late: delay.sum() }) });
  });

  it("roll windows up, with a column for each aggregate and window", () => {
    const rolled = timed.rolling({
      keys: ["origin"],
      every: "1d",
      windows: ["7d", "lifetime"],
      aggregate: ({ delay, date }) => ({ mean: delay.mean(), last: delay.lastBy(date), n: count() }),
    });
    expectTypeOf(rolled).toEqualTypeOf<
      Relation<
        {
          readonly origin: Origin;
          readonly date: Date_;
          readonly mean_7d: Column<"float64", true>;
          readonly mean_lifetime: Column<"float64", true>;
          readonly last_7d: Column<"int64", true>;
          readonly last_lifetime: Column<"int64", true>;
          readonly n_7d: Column<"int64", false>;
          readonly n_lifetime: Column<"int64", false>;
        },
        "date"
      >
    >();
    // @ts-expect-error no such column
    timed.rolling({ keys: ["orign"], every: "1d", windows: ["7d"], aggregate: () => ({ n: count() }) });
    // @ts-expect-error months have no fixed length
    timed.rolling({ keys: ["origin"], every: "1d", windows: ["1mo"], aggregate: () => ({ n: count() }) });
    // @ts-expect-error not aggregated
    timed.rolling({ keys: ["origin"], every: "1d", windows: ["7d"], aggregate: ({ delay }) => ({ n: delay }) });
  });

  it("join sources and relations", () => {
    expectTypeOf(rows.join(weather, { on: "origin" })).toEqualTypeOf<
      Relation<{ readonly date: Date_; readonly origin: Origin; readonly delay: Delay; readonly station: Station; readonly rain: Rain }>
    >();
    expectTypeOf(rows.join(from(weather).select("station", "rain"), { on: { origin: "station" }, type: "left" })).toEqualTypeOf<
      Relation<{ readonly date: Date_; readonly origin: Origin; readonly delay: Delay; readonly rain: Column<"float64", true> }>
    >();
    expectTypeOf(rows.join(from(weather).select("origin", "rain"), { on: ["origin"] })).toEqualTypeOf<
      Relation<{ readonly date: Date_; readonly origin: Origin; readonly delay: Delay; readonly rain: Rain }>
    >();
    // @ts-expect-error the other side has no such column
    rows.join(weather, { on: "date" });
    // @ts-expect-error the other side has no such column
    rows.join(weather, { on: { origin: "town" } });
    // @ts-expect-error no such join
    rows.join(weather, { on: "origin", type: "outer" });
    expectTypeOf(rows.distinct()).toEqualTypeOf<typeof rows>();
  });

  it("number rows and look back", () => {
    expectTypeOf(
      timed.sequence({
        keys: ["origin"],
        thenBy: ["delay"],
        columns: { n: "rowNumber", late: { lag: "delay" }, earlier: { lag: "date", offset: 2 } },
      }),
    ).toEqualTypeOf<
      Relation<
        {
          readonly date: Date_;
          readonly origin: Origin;
          readonly delay: Delay;
          readonly n: Column<"int64", true>;
          readonly late: Delay;
          readonly earlier: Date_;
        },
        "date"
      >
    >();
    // @ts-expect-error no such column
    timed.sequence({ keys: ["origin"], columns: { late: { lag: "dely" } } });
    // @ts-expect-error no such key
    timed.sequence({ keys: ["orign"], columns: { n: "rowNumber" } });
    // @ts-expect-error later rows are not known yet
    timed.sequence({ keys: ["origin"], columns: { next: { lead: "delay" } } });
  });

  it("group rows into sessions", () => {
    const visits = timed.sessions({
      keys: ["origin"],
      gap: "30m",
      aggregate: ({ date, delay }) => ({ started: date.min(), total: delay.sum({ where: delay.gt(0) }), flights: count() }),
    });
    expectTypeOf(visits).toEqualTypeOf<
      Relation<
        {
          readonly origin: Origin;
          readonly date: Date_;
          readonly started: Date_;
          readonly total: Column<"int64", true>;
          readonly flights: Column<"int64", false>;
        },
        "date"
      >
    >();
    // @ts-expect-error no such key
    timed.sessions({ keys: ["orign"], gap: "30m", aggregate: () => ({ flights: count() }) });
    // @ts-expect-error a calendar month has no length
    timed.sessions({ keys: ["origin"], gap: "1mo", aggregate: () => ({ flights: count() }) });
    // @ts-expect-error not aggregated
    timed.sessions({ keys: ["origin"], gap: "30m", aggregate: ({ delay }) => ({ delay }) });
  });

  it("union rows with the same columns", () => {
    const delays = source({
      path: "delays.csv",
      columns: { delay: t.int64({ nullable: false }), origin: t.string(), date: t.timestamp() },
      timestamp: "date",
    });
    expectTypeOf(timed.union(delays)).toEqualTypeOf<
      Relation<{ readonly date: Date_; readonly origin: Column<"string", true>; readonly delay: Delay }, "date">
    >();
    expectTypeOf(timed.union(from(delays).filter(({ delay }) => delay.gt(1)))).toEqualTypeOf<
      Relation<{ readonly date: Date_; readonly origin: Column<"string", true>; readonly delay: Delay }, "date">
    >();
    // @ts-expect-error the other side has no column delay
    timed.union(from(delays).select("date", "origin"));
    // @ts-expect-error this side has no column delay
    timed.select("date", "origin").union(delays);
    // @ts-expect-error int64 and string
    timed.select("date", "origin").union(from(delays).select("date", { origin: "delay" }));
    const columns = { at: t.timestamp(), known: t.timestamp() };
    const byKnown = source({ path: "known.csv", columns, timestamp: "known" });
    // @ts-expect-error another timestamp
    from(source({ path: "at.csv", columns, timestamp: "at" })).union(byKnown);
  });
});
