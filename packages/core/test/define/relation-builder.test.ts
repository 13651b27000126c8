import type { Plan } from "@mlforge/spec";
import { describe, expect, it } from "vitest";
import { t } from "../../src/define/column-types.js";
import { count } from "../../src/define/count.js";
import { literal } from "../../src/define/literal.js";
import { contentOf, relationOf } from "../../src/define/relation-builder.js";
import { source } from "../../src/define/source.js";
import type { Typed } from "../../src/define/typed.js";
import { pruneColumns } from "../../src/resolve/prune-columns.js";
import { hasUniqueKeys } from "../../src/resolve/unique-keys.js";
import { issuesOf } from "./issues-of.js";

const flights = source({ path: "flights.csv", columns: { origin: t.string({ nullable: false }), delay: t.int64() } });
const weather = source({ path: "weather.csv", columns: { station: t.string({ nullable: false }), rain: t.float64({ nullable: false }) } });
const delays = source({ path: "delays.csv", columns: { origin: t.string(), delay: t.int64() } });

const rows = relationOf(flights, () => []);
const scan = planOf(rows);

function planOf(relation: unknown): Plan {
  return content(relation).plan;
}

function columnsOf(relation: unknown): readonly string[] {
  return content(relation).schema.map(({ name, kind, nullable }) => `${name} ${kind}${nullable ? "?" : ""}`);
}

function content(relation: unknown): NonNullable<ReturnType<typeof contentOf>> {
  const found = contentOf(relation);
  if (found === undefined) throw new TypeError("this is no relation");
  return found;
}

const moved = source({
  path: "moved.csv",
  columns: { origin: t.string(), at: t.timestamp(), gate: t.string() },
  timestamp: "at",
});
const events = source({ path: "events.csv", columns: { origin: t.string(), at: t.timestamp(), delay: t.int64() }, timestamp: "at" });
const renamed = relationOf(moved, () => []).select("origin", "gate", { since: "at" });

describe("relations", () => {
  it("scan their source", () => {
    expect(scan).toEqual({
      op: "scan",
      source: "flights",
      format: { kind: "csv" },
      paths: ["flights.csv"],
      columns: [
        { name: "origin", kind: "string", nullable: false },
        { name: "delay", kind: "int64", nullable: true },
      ],
    });
  });

  it("filter", () => {
    const filtered = rows.filter(({ delay }) => delay.isNull());
    const condition = { expr: "call", function: "isNull", arguments: [{ expr: "column", name: "delay" }] };
    expect(planOf(filtered)).toEqual({ op: "filter", input: scan, condition });
    expect(columnsOf(filtered)).toEqual(["origin string", "delay int64?"]);
  });

  it("derive constants", () => {
    const derived = rows.select("origin").derive(() => ({
      one: 1,
      half: 0.5,
      far: 9007199254740992,
      none: literal(Number.NaN),
      big: 2n,
      text: "a",
      yes: true,
      at: new Date(0),
      raw: new Uint8Array([1]),
    }));
    expect(columnsOf(derived)).toEqual([
      "origin string",
      "one int64",
      "half float64",
      "far float64",
      "none float64",
      "big int64",
      "text string",
      "yes boolean",
      "at timestamp",
      "raw bytes",
    ]);
    const written = rows.derive(() => ({ one: literal(1, "int64"), half: literal(0.5) }));
    expect(planOf(rows.derive(() => ({ one: 1, half: 0.5 })))).toEqual(planOf(written));
  });

  it("derive in place and at the end", () => {
    const derived = rows.derive(({ origin }) => ({ one: literal(1n), origin: origin.lower() }));
    expect(planOf(derived)).toEqual({
      op: "project",
      input: scan,
      columns: [
        { name: "origin", value: { expr: "call", function: "lower", arguments: [{ expr: "column", name: "origin" }] } },
        { name: "delay", value: { expr: "column", name: "delay" } },
        { name: "one", value: { expr: "literal", kind: "int64", value: "1" } },
      ],
    });
    expect(columnsOf(derived)).toEqual(["origin string", "delay int64?", "one int64"]);
  });

  it("select and rename", () => {
    const selected = rows.select("delay", { airport: "origin", minutes: "delay" });
    expect(planOf(selected)).toEqual({
      op: "project",
      input: scan,
      columns: [
        { name: "delay", value: { expr: "column", name: "delay" } },
        { name: "airport", value: { expr: "column", name: "origin" } },
        { name: "minutes", value: { expr: "column", name: "delay" } },
      ],
    });
  });

  it("aggregate groups", () => {
    const grouped = rows.groupBy("origin").aggregate(({ delay }) => ({ total: delay.sum(), n: count() }));
    expect(planOf(grouped)).toMatchObject({ op: "aggregate", input: scan, keys: ["origin"] });
    expect(columnsOf(grouped)).toEqual(["origin string", "total int64?", "n int64"]);
  });

  it("compute with aggregates, and compute equal ones once", () => {
    const late = rows.groupBy("origin").aggregate(({ delay }) => ({
      share: delay.sum({ where: delay.gt(15) }).dividedBy(delay.sum()),
      total: delay.sum(),
      flights: count().plus(1),
    }));
    expect(columnsOf(late)).toEqual(["origin string", "share float64?", "total int64?", "flights int64"]);
    expect(planOf(late)).toMatchObject({
      op: "project",
      input: {
        op: "aggregate",
        input: scan,
        keys: ["origin"],
        aggregates: ["aggregate_0", "aggregate_1", "aggregate_2"].map((name) => ({ name })),
      },
      columns: [
        { name: "origin" },
        { value: { function: "divide", arguments: [{ name: "aggregate_0" }, { name: "aggregate_1" }] } },
        { name: "total", value: { expr: "column", name: "aggregate_1" } },
        { value: { function: "add", arguments: [{ name: "aggregate_2" }, { value: "1" }] } },
      ],
    });
  });

  it("group by expressions", () => {
    const grouped = rows.groupBy(({ delay }) => ({ late: delay.gt(15) }), "origin").aggregate(({ late }) => ({ n: late.count() }));
    expect(columnsOf(grouped)).toEqual(["late boolean?", "origin string", "n int64"]);
    const derived = rows.derive(({ delay }) => ({ late: delay.gt(15) }));
    expect(planOf(grouped)).toEqual(planOf(derived.groupBy("late", "origin").aggregate(({ late }) => ({ n: late.count() }))));
  });

  it("join a source, and remember it once", () => {
    const joined = rows.join(weather, { on: { origin: "station" }, type: "left" }).join(relationOf(weather, () => []).select("station"), {
      on: { origin: "station" },
    });
    expect(planOf(joined)).toMatchObject({
      op: "join",
      type: "inner",
      on: [{ left: "origin", right: "station" }],
      left: { op: "join", type: "left", left: scan, right: { op: "scan", source: "weather" } },
      right: { op: "project" },
    });
    expect(columnsOf(joined)).toEqual(["origin string", "delay int64?", "rain float64?"]);
    expect(content(joined).sources).toEqual([flights, weather]);
  });

  it("join on columns of one name", () => {
    const renamed = relationOf(delays, () => []).select("origin", { usual: "delay" });
    const pair = [{ left: "origin", right: "origin" }];
    expect(planOf(rows.join(renamed, { on: "origin" }))).toMatchObject({ type: "inner", on: pair });
    expect(planOf(rows.join(renamed, { on: ["origin"] }))).toMatchObject({ type: "inner", on: pair });
  });

  it("union a source, with columns matched by name, and remember it once", () => {
    const all = rows.union(relationOf(delays, () => []).select("delay", "origin")).union(delays);
    expect(planOf(all)).toMatchObject({
      op: "union",
      inputs: [scan, { op: "project" }, { op: "scan", source: "delays" }],
      columns: ["origin", "delay"],
    });
    expect(columnsOf(all)).toEqual(["origin string?", "delay int64?"]);
    expect(content(all).sources).toEqual([flights, delays]);
  });

  it("keep the timestamp of a union, and take that of rows that have no time of their own", () => {
    const others = relationOf(events, () => []).select("delay", "at", "origin");
    const known = source({
      name: "known",
      path: "known.csv",
      columns: { origin: t.string(), at: t.timestamp(), delay: t.int64() },
      static: true,
    });
    const timed = relationOf(events, () => []);
    expect(content(timed.union(others)).times).toMatchObject({
      timestamp: "at",
      sourceTimes: [{ source: "events" }, { source: "events" }],
    });
    expect(content(timed.union(known)).times).toMatchObject({ timestamp: "at", sourceTimes: [{ source: "events" }] });
    expect(content(relationOf(known, () => []).union(timed)).times.timestamp).toBe("at");
  });

  it("prune the columns of a union on all sides", () => {
    const kept = relationOf(flights, () => [])
      .filter(({ delay }) => delay.gt(0))
      .union(delays)
      .select("origin");
    expect(pruneColumns(planOf(kept))).toMatchObject({
      input: { op: "union", columns: ["origin"], inputs: [{ op: "filter" }, { op: "scan", columns: [{ name: "origin" }] }] },
    });
  });

  it("number rows and look back, at the time of the row", () => {
    const followed = relationOf(events, () => []).sequence({
      keys: ["origin"],
      thenBy: ["delay"],
      columns: { n: "rowNumber", previous: { lag: "delay" }, before: { lag: "at", offset: 2 } },
    });
    expect(planOf(followed)).toMatchObject({
      op: "sequence",
      keys: ["origin"],
      timestamp: "at",
      thenBy: ["delay"],
      outputs: [
        { name: "n", function: "rowNumber" },
        { name: "previous", function: "lag", column: "delay", offset: 1 },
        { name: "before", function: "lag", column: "at", offset: 2 },
      ],
    });
    expect(columnsOf(followed).slice(3)).toEqual(["n int64?", "previous int64?", "before timestamp?"]);
    expect(content(followed).times).toMatchObject({ timestamp: "at", sourceTimes: [{ columns: new Set(["at"]) }] });
    expect(planOf(followed.select("origin")) && pruneColumns(planOf(followed.select("origin")))).toMatchObject({
      op: "project",
      input: { op: "scan", columns: [{ name: "origin" }] },
    });
    expect(pruneColumns(planOf(followed.select("n")))).toMatchObject({
      input: { op: "sequence", outputs: [{ name: "n" }], input: { columns: [{ name: "origin" }, { name: "at" }, { name: "delay" }] } },
    });
  });

  it("group rows into sessions, at the time at which each is known to have ended", () => {
    const visits = relationOf(events, () => []).sessions({
      keys: ["origin"],
      gap: "30m",
      aggregate: ({ at, delay }) => ({ started: at.min(), mean: delay.sum().dividedBy(count()), n: count() }),
    });
    const end = "session_0";
    expect(planOf(visits)).toMatchObject({
      op: "project",
      columns: [{ name: "origin" }, { name: "at", value: { name: end } }, { name: "started" }, { name: "mean" }, { name: "n" }],
      input: {
        op: "project",
        input: {
          op: "aggregate",
          keys: ["origin", end],
          aggregates: Array(3).fill({}),
          input: { op: "sessions", keys: ["origin"], timestamp: "at", gap: "1800000000", column: end },
        },
      },
    });
    expect(columnsOf(visits)).toEqual(["origin string?", "at timestamp?", "started timestamp?", "mean float64?", "n int64"]);
    expect(content(visits).times).toMatchObject({ timestamp: "at", sourceTimes: [{ columns: new Set(["at"]) }] });
    expect(hasUniqueKeys(planOf(visits), ["origin", "at"])).toBe(true);
    expect(hasUniqueKeys(planOf(visits), ["origin"])).toBe(false);
  });

  it("drop equal rows", () => {
    expect(planOf(rows.distinct())).toEqual({ op: "distinct", input: scan });
  });

  it("take an expression made for the same rows before they were filtered", () => {
    const made: Typed<"boolean">[] = [];
    const filtered = rows.filter(({ delay }) => {
      made.push(delay.gt(15));
      return delay.isNotNull();
    });
    expect(columnsOf(filtered.derive(() => ({ late: made[0] ?? literal(true) })))).toEqual([
      "origin string",
      "delay int64?",
      "late boolean?",
    ]);
  });

  it("give the whole row to callbacks", () => {
    expect(columnsOf(rows.derive((row) => ({ ...row, late: row.delay.gt(15) })))).toEqual([
      "origin string",
      "delay int64?",
      "late boolean?",
    ]);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: these calls do not compile with their types.
function pivot(rows: any, given: object): unknown {
  return rows.groupBy("delay").pivot({ column: "origin", values: ["a"], aggregate: () => ({ n: count() }), ...given });
}

describe("relations refuse", () => {
  /** What JavaScript, or TypeScript that nobody checked, may call. */
  // biome-ignore lint/suspicious/noExplicitAny: these calls do not compile with their types.
  type Unchecked = any;
  const foreign = (): Unchecked => {
    const found: Unchecked[] = [];
    relationOf(weather, () => []).filter((row) => {
      found.push(row.rain);
      return row.rain.gt(0);
    });
    return found[0];
  };

  const stamped = (timestamp: "at" | "known" | undefined): Unchecked =>
    relationOf(source({ path: "stamped.csv", columns: { at: t.timestamp(), known: t.timestamp() }, timestamp }), () => []);

  const sessions = (given: object): unknown =>
    stamped("at").sessions({ keys: ["known"], gap: "30m", aggregate: () => ({ n: count() }), ...given });

  it.each<readonly [string, string, (rows: Unchecked) => unknown, RegExp]>([
    [
      "a filter without expression",
      "DEFINITION_INVALID",
      (r) => r.filter(() => true),
      /filter needs an expression as its condition; wrap a constant in literal/,
    ],
    ["a filter by a number", "DEFINITION_INVALID", (r) => r.filter((row: Unchecked) => row.delay), /needs a boolean condition, got int64/],
    [
      "a filter by a sum",
      "DEFINITION_INVALID",
      (r) => r.filter((row: Unchecked) => row.delay.sum()),
      /not an aggregate; use aggregates in groupBy/,
    ],
    [
      "a null column",
      "DEFINITION_INVALID",
      (r) => r.derive(() => ({ none: null })),
      /derive needs an expression as "none"; write a null as literal\(null, kind\)/,
    ],
    [
      "a constant that is none",
      "DEFINITION_INVALID",
      (r) => r.derive(() => ({ list: [1] })),
      /derive needs an expression as "list"; wrap a constant in literal/,
    ],
    ["no columns", "DEFINITION_INVALID", (r) => r.derive(() => ({})), /at least one column/],
    ["one column without a name", "DEFINITION_INVALID", (r) => r.derive((row: Unchecked) => row.delay), /object of columns by name/],
    ["columns of other rows", "DEFINITION_INVALID", (r) => r.derive(() => ({ rain: foreign() })), /over other rows/],
    ["a mix of rows", "DEFINITION_INVALID", (r) => r.filter((row: Unchecked) => row.delay.gt(foreign())), /another relation/],
    [
      "aggregates of other rows",
      "DEFINITION_INVALID",
      (r) => r.groupBy("origin").aggregate(() => ({ rain: foreign().max() })),
      /over other rows/,
    ],
    [
      "an unknown column",
      "COLUMN_UNKNOWN",
      (r) => r.filter((row: Unchecked) => row.dely.gt(0)),
      /"dely" in the rows given to filter; did you mean "delay"/,
    ],
    ["an unknown column to select", "COLUMN_UNKNOWN", (r) => r.select("orign"), /given to select; did you mean "origin"/],
    ["an unknown column to group by", "COLUMN_UNKNOWN", (r) => r.groupBy("orign"), /given to groupBy; did you mean "origin"/],
    ["nothing to select", "DEFINITION_INVALID", (r) => r.select(), /at least one column/],
    ["a selection that is no name", "DEFINITION_INVALID", (r) => r.select(1), /got 1/],
    ["a computed selection", "DEFINITION_INVALID", (r) => r.select({ x: literal(1) }), /use derive to compute "x"/],
    ["one name twice", "DEFINITION_INVALID", (r) => r.select("origin", { origin: "delay" }), /two columns named "origin"/],
    [
      "a union with rows that lack a column",
      "DEFINITION_INVALID",
      (r) => r.union(relationOf(delays, () => []).select("origin")),
      /the other side has no column "delay"; derive it/,
    ],
    [
      "a union with more columns",
      "DEFINITION_INVALID",
      (r) => r.select("origin").union(delays),
      /only the other side has the column "delay"/,
    ],
    [
      "a union of unlike kinds",
      "DEFINITION_INVALID",
      (r) => r.union(relationOf(weather, () => []).select({ origin: "station", delay: "rain" })),
      /cannot combine the column "delay": it is int64, but float64 on the other side; cast one of them/,
    ],
    [
      "a union of unlike timestamps",
      "DEFINITION_INVALID",
      () => stamped("at").union(stamped("known")),
      /same timestamp on both sides: it is "at", but "known" on the other side/,
    ],
    [
      "a union of rows with and without a timestamp",
      "DEFINITION_INVALID",
      () => stamped("at").union(stamped(undefined)),
      /same timestamp on both sides: it is "at", but none on the other side/,
    ],
    ["a union with anything", "DEFINITION_INVALID", (r) => r.union([1]), /union needs a source, a feature, or a relation/],
    [
      "a value of a later row",
      "DEFINITION_INVALID",
      () => stamped("at").sequence({ keys: [], columns: { next: { lead: "known" } } }),
      /"next" uses lead, which gives a row values of later rows; use lag/,
    ],
    [
      "a lag of no rows",
      "DEFINITION_INVALID",
      () => stamped("at").sequence({ keys: [], columns: { same: { lag: "known", offset: 0 } } }),
      /the offset of "same" must be a whole number of rows from 1/,
    ],
    [
      "a lag of an unknown column",
      "COLUMN_UNKNOWN",
      () => stamped("at").sequence({ keys: [], columns: { old: { lag: "knwn" } } }),
      /"knwn" in the rows given to sequence; did you mean "known"/,
    ],
    [
      "a sequence that replaces a column",
      "DEFINITION_INVALID",
      () => stamped("at").sequence({ keys: [], columns: { known: "rowNumber" } }),
      /two columns named "known"/,
    ],
    [
      "a sequence without a timestamp",
      "DEFINITION_INVALID",
      (r) => r.sequence({ keys: [], columns: { n: "rowNumber" } }),
      /sequence needs a timestamp; keep the timestamp of the source/,
    ],
    ["a sequence of nothing", "DEFINITION_INVALID", () => stamped("at").sequence({ keys: [] }), /needs columns to add/],
    [
      "sessions without a timestamp",
      "DEFINITION_INVALID",
      (r) => r.sessions({ keys: ["origin"], gap: "30m", aggregate: () => ({ n: count() }) }),
      /sessions needs a timestamp; keep the timestamp of the source/,
    ],
    ["sessions without a gap", "DEFINITION_INVALID", () => sessions({ gap: undefined }), /sessions needs a gap, the longest pause/],
    ["sessions with a gap in months", "DEFINITION_INVALID", () => sessions({ gap: "1mo" }), /uses a calendar unit/],
    ["sessions without aggregates", "DEFINITION_INVALID", () => sessions({ aggregate: undefined }), /sessions needs aggregates/],
    [
      "sessions by an unknown key",
      "COLUMN_UNKNOWN",
      () => sessions({ keys: ["knwn"] }),
      /"knwn" in the rows given to sessions; did you mean/,
    ],
    ["sessions by their time", "DEFINITION_INVALID", () => sessions({ keys: ["at"] }), /two columns named "at"/],
    [
      "sessions with an aggregate named as their time",
      "DEFINITION_INVALID",
      () => sessions({ aggregate: (row: Unchecked) => ({ at: row.at.min() }) }),
      /two columns named "at"; choose another name/,
    ],
    ["no keys", "DEFINITION_INVALID", (r) => r.groupBy(), /at least one column/],
    [
      "a column that is not aggregated",
      "DEFINITION_INVALID",
      (r) => r.groupBy("origin").aggregate((row: Unchecked) => ({ d: row.delay })),
      /"d" is not aggregated: add \.sum\(\)/,
    ],
    ["a constant aggregate", "DEFINITION_INVALID", (r) => r.groupBy("origin").aggregate(() => ({ d: 1 })), /"d" is not an aggregate/],
    [
      "an aggregate named as a key",
      "DEFINITION_INVALID",
      (r) => r.groupBy("origin").aggregate(() => ({ origin: count() })),
      /two columns named "origin"/,
    ],
    [
      "a computed key named as a column",
      "DEFINITION_INVALID",
      (r) => r.groupBy((row: Unchecked) => ({ delay: row.delay.abs() })),
      /groupBy computes "delay", but the rows have a column of that name/,
    ],
    [
      "a computed key that is no expression",
      "DEFINITION_INVALID",
      (r) => r.groupBy(() => ({ late: true })),
      /needs an expression as "late"/,
    ],
    [
      "a condition over other rows",
      "DEFINITION_INVALID",
      (r) => r.groupBy("origin").aggregate((row: Unchecked) => ({ n: row.delay.sum({ where: foreign().gt(0) }) })),
      /another relation/,
    ],
    ["a pivot of an unknown column", "COLUMN_UNKNOWN", (r) => pivot(r, { column: "orgin" }), /did you mean "origin"/],
    ["a pivot without values", "DEFINITION_INVALID", (r) => pivot(r, { values: [] }), /pivot needs the values that become columns/],
    ["a pivot by null", "DEFINITION_INVALID", (r) => pivot(r, { values: [null] }), /null is not allowed here/],
    ["a pivot by a value of another kind", "DEFINITION_INVALID", (r) => pivot(r, { values: [1] }), /1 is not a value of kind string/],
    ["a pivot by one value twice", "DEFINITION_INVALID", (r) => pivot(r, { values: ["a", "a"] }), /two columns named "n_a"/],
    ["a pivot without aggregates", "DEFINITION_INVALID", (r) => pivot(r, { aggregate: undefined }), /pivot needs aggregates/],
    ["a join with nothing", "DEFINITION_INVALID", (r) => r.join({}, { on: "origin" }), /needs a source, a feature, or a relation/],
    ["a join without columns", "DEFINITION_INVALID", (r) => r.join(weather, {}), /needs the columns to compare/],
    ["a join with no columns", "DEFINITION_INVALID", (r) => r.join(weather, { on: [] }), /needs the columns to compare/],
    ["a join without options", "DEFINITION_INVALID", (r) => r.join(weather), /needs the columns to compare/],
    ["a join by expression", "DEFINITION_INVALID", (r) => r.join(weather, { on: { origin: literal("a") } }), /by name/],
    [
      "a join of another type",
      "DEFINITION_INVALID",
      (r) => r.join(weather, { on: { origin: "station" }, type: "outer" }),
      /must be "inner" or "left", got "outer"/,
    ],
    [
      "a join of kinds that do not compare",
      "DEFINITION_INVALID",
      (r) => r.join(weather, { on: { delay: "station" } }),
      /compare int64 "delay" with string "station"/,
    ],
    ["a join that makes a name twice", "DEFINITION_INVALID", (r) => r.join(delays, { on: "origin" }), /two columns named "delay"/],
    ["a join on an unknown column", "COLUMN_UNKNOWN", (r) => r.join(weather, { on: { origin: "staton" } }), /did you mean "station"/],
  ])("%s", (_, code, build, message) => {
    expect(() => build(rows)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});

describe("windows of relations", () => {
  const timed = relationOf(events, () => []);
  const options = { keys: ["origin"], every: "1d", windows: ["7d", "lifetime"] } as const;
  const day = "86400000000";

  it("are over columns, computed ones beside them", () => {
    const rolled = timed.rolling({ ...options, aggregate: ({ delay, at }) => ({ n: count(), last: delay.times(2).lastBy(at) }) });
    const output = { every: day, function: "count", column: "value_0" };
    const last = { every: day, function: "last", column: "value_1", by: "at" };
    expect(planOf(rolled)).toMatchObject({
      op: "rollingAggregate",
      keys: ["origin"],
      timestamp: "at",
      outputs: [
        { ...output, name: "n_7d", window: "604800000000" },
        { ...output, name: "n_lifetime" },
        { ...last, name: "last_7d", window: "604800000000" },
        { ...last, name: "last_lifetime" },
      ],
      input: { op: "project", columns: ["origin", "at", "delay", "value_0", "value_1"].map((name) => ({ name })) },
    });
    expect(content(rolled).times).toMatchObject({ timestamp: "at", sourceTimes: [{ source: "events", columns: new Set(["at"]) }] });
  });

  it("keep a column of each window, whatever is used of them, because every window has rows of its own", () => {
    const rolled = timed.rolling({ ...options, aggregate: ({ delay }) => ({ n: delay.count(), sum: delay.sum(), max: delay.max() }) });
    const used = pruneColumns(planOf(rolled.select("origin", "sum_7d")));
    expect(used).toMatchObject({ input: { outputs: [{ name: "n_lifetime" }, { name: "sum_7d" }] } });
    expect(pruneColumns(planOf(rolled.select("origin")))).toMatchObject({ input: { outputs: [{ name: "n_7d" }, { name: "n_lifetime" }] } });
  });

  it("compute with aggregates of one window", () => {
    const share = timed.rolling({
      ...options,
      aggregate: ({ delay }) => ({ share: delay.sum({ where: delay.gt(9) }).dividedBy(delay.sum()) }),
    });
    expect(columnsOf(share)).toEqual(["origin string?", "at timestamp?", "share_7d float64?", "share_lifetime float64?"]);
    expect(planOf(share)).toMatchObject({ op: "project", input: { op: "rollingAggregate", outputs: Array(4).fill({}) } });
  });

  // biome-ignore lint/suspicious/noExplicitAny: these calls do not compile with their types.
  it.each<readonly [string, (rows: any) => unknown, RegExp]>([
    ["no aggregates", (r) => r.rolling(options), /rolling needs aggregates/],
    ["no windows", (r) => r.rolling({ ...options, windows: [], aggregate: () => ({ n: count() }) }), /at least one window/],
    ["half a tile", (r) => r.rolling({ ...options, windows: ["36h"], aggregate: () => ({ n: count() }) }), /multiple of every "1d"/],
    ["keys that are none", (r) => r.rolling({ ...options, keys: "origin", aggregate: () => ({ n: count() }) }), /keys as an array/],
    [
      "rows without a time",
      (r) => r.select("delay", "origin").rolling({ ...options, aggregate: () => ({ n: count() }) }),
      /needs a timestamp/,
    ],
    [
      "one window twice",
      (r) => r.rolling({ ...options, windows: ["7d", "7d"], aggregate: () => ({ n: count() }) }),
      /two columns named "n_7d"/,
    ],
  ])("refuse %s", (_, build, message) => {
    expect(() => build(timed)).toThrow(expect.objectContaining({ code: "DEFINITION_INVALID", message: expect.stringMatching(message) }));
  });
});

describe("as-of joins of relations", () => {
  const timed = relationOf(events, () => []);

  it("compare the timestamps of both sources, wherever they went", () => {
    const joined = timed.select("origin", "delay", { landed: "at" }).asOfJoin(renamed, { on: "origin", ttl: "2d" });
    expect(planOf(joined)).toMatchObject({
      op: "asOfJoin",
      on: [{ left: "origin", right: "origin" }],
      timestamps: { left: "landed", right: "since" },
      allowExactMatches: true,
      ttl: "172800000000",
      columns: [
        { name: "gate", as: "gate" },
        { name: "since", as: "since" },
      ],
    });
    expect(columnsOf(joined)).toEqual(["origin string?", "delay int64?", "landed timestamp?", "gate string?", "since timestamp?"]);
  });

  it("follow a timestamp through every step", () => {
    const timeOf = (relation: unknown): string | undefined => content(relation).times.timestamp;
    expect(timeOf(timed.filter(({ delay }) => delay.gt(1)).distinct())).toBe("at");
    expect(timeOf(timed.derive(({ at }) => ({ at: at.plusDuration("1d") })))).toBe("at");
    expect(timeOf(timed.derive(({ at }) => ({ at: at.minusDuration("1d") })))).toBeUndefined();
    expect(timeOf(timed.select("origin", { a: "at", b: "at" }))).toBeUndefined();
    expect(timeOf(timed.groupBy("origin", "at").aggregate(() => ({ n: count() })))).toBe("at");
    expect(timeOf(timed.groupBy("origin").aggregate(({ at }) => ({ at: at.max() })))).toBeUndefined();
    const days = timed.derive(({ at }) => ({ day: at.truncate("1d").plusDuration("1d") }));
    expect(timeOf(days.groupBy("origin", "day").aggregate(() => ({ n: count() })))).toBe("day");
    expect(timeOf(timed.join(weather, { on: { origin: "station" } }))).toBe("at");
  });

  it.each([
    [
      "columns of one name",
      // @ts-expect-error they clash
      () => timed.asOfJoin(moved, { on: "origin" }),
      'both sides of asOfJoin have a column "at"; select the columns you need from the right side first, and rename: .select(..., { other_at: "at" })',
    ],
    [
      "a right side without a timestamp",
      // @ts-expect-error it has none
      () => timed.asOfJoin(weather, { on: { origin: "station" } }),
      'asOfJoin needs a timestamp on its right side; keep the timestamp of the source, or name the column: timestamps: { right: "at" }',
    ],
    [
      "a left side that dropped its timestamp",
      // @ts-expect-error it has none
      () => timed.select("origin").asOfJoin(renamed, { on: "origin" }),
      'asOfJoin needs a timestamp on its left side; keep the timestamp of the source, or name the column: timestamps: { left: "at" }',
    ],
    [
      "a time that is none",
      () => timed.asOfJoin(renamed, { on: "origin", timestamps: { left: "delay" } }),
      'asOfJoin needs a column of kind timestamp or date; "delay" is int64',
    ],
    [
      "a time that is compared as a key",
      () => timed.asOfJoin(renamed, { on: { origin: "origin", at: "since" } }),
      'asOfJoin already compares "since" as the time of the right side; remove it from `on`',
    ],
    [
      "no columns to compare",
      // @ts-expect-error on is needed
      () => timed.asOfJoin(renamed, {}),
      'asOfJoin needs the columns to compare: on: "origin"',
    ],
    [
      "another ttl than a duration",
      // @ts-expect-error months have no fixed length
      () => timed.asOfJoin(renamed, { on: "origin", ttl: "1 month" }),
      'duration "1 month" uses a calendar unit, which has no fixed length; use days, such as 30d',
    ],
    [
      "a reason that is none",
      // @ts-expect-error a reason is text
      () => timed.join(renamed, { on: "origin", timeless: true }),
      'timeless needs a reason, such as timeless: "plans never change", got true',
    ],
  ])("refuse %s", (_, define, message) => {
    expect(issuesOf(define).map((issue) => issue.message)).toEqual([message]);
  });
});
