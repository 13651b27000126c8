import { describe, expect, it } from "vitest";
import type { AnyFeature } from "../../src/define/any-feature.js";
import { batches } from "../../src/define/batches-transform.js";
import { t } from "../../src/define/column-types.js";
import { source } from "../../src/define/source.js";
import { sql } from "../../src/define/sql-transform.js";
import { feature } from "../../src/features/feature.js";
import { resolveFeature } from "../../src/resolve/resolve-feature.js";
import { issuesOf } from "../define/issues-of.js";

const flights = source({
  path: "flights.parquet",
  columns: { date: t.timestamp(), origin: t.string(), delay: t.int64(), distance: t.int64() },
  timestamp: "date",
});
const day = 86_400_000_000;
const notAsked = (): never => {
  throw new Error("declared columns are not asked for");
};

/** A feature as one that no compiler has seen. */
function rollingFeature(rolling: unknown): AnyFeature {
  const options = { name: "late", source: flights, keys: ["origin"], rolling };
  return Reflect.apply(feature, undefined, [options]);
}

describe("windows", () => {
  it("become an operation over the rows, which reads the columns it needs", () => {
    const late = feature({
      name: "late",
      source: flights,
      keys: ["origin"],
      rolling: { every: "1d", windows: ["1w", "30d"], aggregations: { delay: ["sum"] } },
    });
    const { computation, schema, timestamp } = resolveFeature(late, notAsked);
    expect(timestamp).toBe("date");
    expect(schema).toEqual([
      { name: "origin", kind: "string", nullable: true },
      { name: "date", kind: "timestamp", nullable: true },
      { name: "late__delay__sum__1d__1w", kind: "int64", nullable: true },
      { name: "late__delay__sum__1d__30d", kind: "int64", nullable: true },
    ]);
    expect(computation).toMatchObject({
      kind: "plan",
      plan: {
        op: "rollingAggregate",
        keys: ["origin"],
        timestamp: "date",
        outputs: [
          { column: "delay", function: "sum", every: String(day), window: String(7 * day) },
          { column: "delay", function: "sum", every: String(day), window: String(30 * day) },
        ],
        input: { op: "scan", columns: [{ name: "date" }, { name: "origin" }, { name: "delay" }] },
      },
    });
  });

  it("can have no beginning, and order values by the timestamp", () => {
    const late = feature({
      name: "late",
      source: flights,
      keys: ["origin"],
      rolling: { every: "1d", windows: ["lifetime"], aggregations: { delay: ["last", "countDistinct"] } },
    });
    const { computation, schema } = resolveFeature(late, notAsked);
    expect(schema.slice(2)).toEqual([
      { name: "late__delay__last__1d__lifetime", kind: "int64", nullable: true },
      { name: "late__delay__countDistinct__1d__lifetime", kind: "int64", nullable: false },
    ]);
    expect(computation).toMatchObject({
      plan: {
        outputs: [
          { name: "late__delay__last__1d__lifetime", column: "delay", function: "last", by: "date", every: String(day) },
          { name: "late__delay__countDistinct__1d__lifetime", column: "delay", function: "countDistinct", every: String(day) },
        ],
      },
    });
    expect(JSON.stringify(computation)).not.toContain("window");
  });

  it("go over what SQL and functions over batches give", () => {
    const columns = { origin: t.string(), at: t.timestamp(), n: t.float64() };
    const rolling = { every: "1h", windows: ["2h"], aggregations: { n: ["mean"] } } as const;
    const options = { name: "f", source: flights, keys: ["origin"], timestamp: "at", rolling } as const;
    for (const transform of [sql({ query: "SELECT 1", columns }), batches({ columns, run: (input) => input })]) {
      const { schema } = resolveFeature(feature({ ...options, transform }), notAsked);
      expect(schema.map(({ name }) => name)).toEqual(["origin", "at", "f__n__mean__1h__2h"]);
    }
  });

  it.each([
    [{ every: "1d", windows: ["36h"], aggregations: { delay: ["sum"] } }, "late.rolling.windows[0].window", "must be a multiple of every"],
    [{ every: "1mo", windows: ["7d"], aggregations: { delay: ["sum"] } }, "late.rolling.every.duration", "calendar unit"],
    [{ every: "1d", windows: ["1y"], aggregations: { delay: ["sum"] } }, "late.rolling.windows[0].duration", "calendar unit"],
    [{ every: "1d", windows: [], aggregations: { delay: ["sum"] } }, "late.rolling.windows", "at least one window"],
    [{ every: "1d", windows: ["7d"], aggregations: {} }, "late.rolling.aggregations", "at least one column"],
    [{ every: "1d", windows: ["7d"], aggregations: { dely: ["sum"] } }, "late.rolling.aggregations.dely", 'did you mean "delay"?'],
    [{ every: "1d", windows: ["7d"], aggregations: { delay: ["topK"] } }, "late.rolling.aggregations.delay", 'unknown aggregation "topK"'],
    [{ every: "1d", windows: ["7d"], aggregations: { origin: ["sum"] } }, "late.rolling.aggregations.origin.sum", "string"],
    [{ every: "1d", windows: ["7d"], aggregations: { delay: ["any"] } }, "late.rolling.aggregations.delay.any", "int64"],
    [{ every: "1d", windows: ["forever"], aggregations: { delay: ["sum"] } }, "late.rolling.windows[0].duration", "is not valid"],
    [
      { every: "1d", windows: ["7d", "7d"], aggregations: { delay: ["sum"] } },
      "late.rolling",
      'two columns named "late__delay__sum__1d__7d"',
    ],
    [[], "late.rolling", "expected at least one rolling aggregate"],
    ["7d", "late.rolling.aggregations", "at least one column"],
  ])("are refused where they are wrong: %j", (rolling, path, message) => {
    const issues = issuesOf(() => rollingFeature(rolling));
    expect(issues).toContainEqual({ path, message: expect.stringContaining(message) });
  });

  it("need a timestamp", () => {
    const options = {
      name: "late",
      source: flights,
      keys: ["origin"],
      timestamp: null,
      rolling: { every: "1d", windows: ["7d"], aggregations: { delay: ["sum"] } },
    } as const;
    expect(issuesOf(() => feature(options))).toEqual([{ path: "late.rolling", message: expect.stringContaining("need a timestamp") }]);
  });
});

describe("a ttl", () => {
  it.each(["0d", "1mo", "soon"])("of %j is refused", (ttl) => {
    const issues = issuesOf(() => Reflect.apply(feature, undefined, [{ name: "late", source: flights, keys: ["origin"], ttl }]));
    expect(issues).toEqual([{ path: "late.ttl.duration", message: expect.stringContaining(JSON.stringify(ttl)) }]);
  });
});
