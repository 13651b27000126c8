import { describe, expect, it } from "vitest";
import { t } from "../../src/define/column-types.js";
import { count } from "../../src/define/count.js";
import { feature } from "../../src/define/feature.js";
import { resolveFeature } from "../../src/define/resolve-feature.js";
import { source } from "../../src/define/source.js";

const flights = source({
  path: "./data/flights.parquet",
  columns: { date: t.timestamp(), origin: t.string(), delay: t.int64() },
  timestamp: "date",
});
const notAsked = (): never => {
  throw new Error("declared columns are not asked for");
};

describe("resolveFeature", () => {
  it("makes the plan of a transform", () => {
    const total = feature({
      name: "total",
      source: flights,
      keys: ["origin"],
      transform: (rows) =>
        rows
          .filter(({ delay }) => delay.gt(0))
          .groupBy("origin")
          .aggregate(({ delay }) => ({ total_delay: delay.sum(), flights: count() })),
    });
    const { computation, schema, timestamp, keys, sources } = resolveFeature(total, notAsked);
    expect(computation).toEqual({
      kind: "plan",
      plan: {
        op: "aggregate",
        keys: ["origin"],
        aggregates: [
          { name: "total_delay", value: { function: "sum", input: { expr: "column", name: "delay" } } },
          { name: "flights", value: { function: "count" } },
        ],
        input: {
          op: "filter",
          condition: {
            expr: "call",
            function: "greater",
            arguments: [
              { expr: "column", name: "delay" },
              { expr: "literal", kind: "int64", value: "0" },
            ],
          },
          input: {
            op: "scan",
            source: "flights",
            format: { kind: "parquet" },
            paths: ["data/flights.parquet"],
            columns: [
              { name: "origin", kind: "string", nullable: true },
              { name: "delay", kind: "int64", nullable: true },
            ],
          },
        },
      },
    });
    expect(schema).toEqual([
      { name: "origin", kind: "string", nullable: true },
      { name: "total_delay", kind: "int64", nullable: true },
      { name: "flights", kind: "int64", nullable: false },
    ]);
    expect({ timestamp, keys, sources }).toEqual({ timestamp: undefined, keys: ["origin"], sources: [flights] });
  });
});
