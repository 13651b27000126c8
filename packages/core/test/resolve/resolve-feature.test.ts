import type { Schema } from "@mlforge/spec";
import { describe, expect, it } from "vitest";
import { batches } from "../../src/define/batches-transform.js";
import { t } from "../../src/define/column-types.js";
import { count } from "../../src/define/count.js";
import { scanOf, schemaFrom } from "../../src/define/scan-of.js";
import { source } from "../../src/define/source.js";
import { sql } from "../../src/define/sql-transform.js";
import { feature } from "../../src/features/feature.js";
import { resolveFeature } from "../../src/resolve/resolve-feature.js";
import { issuesOf } from "../define/issues-of.js";

const flights = source({
  path: "./data/flights.parquet",
  columns: { date: t.timestamp(), origin: t.string(), delay: t.int64() },
  timestamp: "date",
});
const rain: Schema = [
  { name: "rain", kind: "float64", nullable: true },
  { name: "origin", kind: "string", nullable: true },
];

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

  it("asks for the columns of sources that declare none, and only of those", () => {
    const weather = source({ path: "weather.csv" });
    const asked: string[] = [];
    const rainy = feature({
      name: "rainy",
      source: flights,
      keys: ["origin"],
      transform: (rows, from) => rows.join(from(weather).select("origin", "rain"), { on: "origin" }),
    });
    const { schema, sources, timestamp } = resolveFeature(rainy, (each) => {
      asked.push(each.name);
      return [
        { name: "rain", kind: "float64", nullable: true },
        { name: "origin", kind: "string", nullable: true },
      ];
    });
    expect(asked).toEqual(["weather"]);
    expect(schema.map(({ name }) => name)).toEqual(["date", "origin", "delay", "rain"]);
    expect({ sources, timestamp }).toEqual({ sources: [flights, weather], timestamp: "date" });
  });

  it("names the sources that it needs the columns of, without an error that a transform could see", () => {
    const caught: unknown[] = [];
    const [weather, gates] = [source({ path: "weather.csv" }), source({ path: "gates.csv" })];
    const loose = feature({
      name: "loose",
      source: flights,
      keys: ["origin"],
      transform: (rows, from) => {
        try {
          const rainy = from(weather)
            .filter(({ rain }) => rain.gt(0))
            .select("origin", "rain");
          return rows.join(rainy, { on: "origin" }).join(from(gates).distinct(), { on: "origin" }).select("origin", "delay");
        } catch (error) {
          caught.push(error);
          throw error;
        }
      },
    });
    const none = (): undefined => undefined;
    expect(resolveFeature(loose, none)).toEqual({ needs: [weather, gates] });
    expect(resolveFeature(loose, ({ name }) => (name === "weather" ? rain : undefined))).toEqual({ needs: [gates] });
    const gate: Schema = [
      { name: "origin", kind: "string", nullable: true },
      { name: "gate", kind: "string", nullable: true },
    ];
    const resolved = resolveFeature(loose, ({ name }) => (name === "weather" ? rain : gate));
    expect(resolved.schema.map(({ name }) => name)).toEqual(["origin", "delay"]);
    expect(caught).toEqual([]);
  });

  it("names its own source first, whatever it is made of", () => {
    const loose = source({ path: "anything.csv" });
    const columns = { origin: t.string() };
    const asked = (): undefined => undefined;
    const transforms = [undefined, sql({ query: "SELECT origin FROM source", columns }), batches({ columns, run: (input) => input })];
    for (const transform of transforms)
      expect(resolveFeature(feature({ name: "x", source: loose, keys: ["origin"], transform }), asked)).toEqual({ needs: [loose] });
  });

  it("reports what is wrong once the columns are known", () => {
    const loose = feature({ name: "loose", source: source({ path: "anything.csv" }), keys: ["orign"], timestamp: "delay" });
    const resolve = (): unknown =>
      resolveFeature(loose, () => [
        { name: "origin", kind: "string", nullable: true },
        { name: "delay", kind: "int64", nullable: true },
      ]);
    expect(issuesOf(resolve)).toEqual([
      { path: "loose.keys[0]", message: expect.stringContaining('did you mean "origin"?') },
      { path: "loose.timestamp", message: expect.stringContaining("int64") },
    ]);
  });

  it("keeps every column of a feature without transform, and its timestamp", () => {
    const plain = feature({ name: "plain", source: flights, keys: ["origin"] });
    const { computation, timestamp } = resolveFeature(plain, notAsked);
    expect(computation).toEqual({ kind: "plan", plan: scanOf(flights, schemaFrom(flights.columns ?? {})) });
    expect(timestamp).toBe("date");
    expect(
      resolveFeature(feature({ name: "plain", source: flights, keys: ["origin"], timestamp: null }), notAsked).timestamp,
    ).toBeUndefined();
  });

  it("makes the same plan when a source declares a column more that is not used", () => {
    const wider = source({ path: "data/flights.parquet", columns: { gate: t.string(), origin: t.string() } });
    const narrower = source({ path: "data/flights.parquet", columns: { origin: t.string() } });
    const [before, after] = [narrower, wider].map((each) =>
      resolveFeature(
        feature({
          name: "total",
          source: each,
          keys: ["origin"],
          transform: (rows) => rows.groupBy("origin").aggregate(() => ({ n: count() })),
        }),
        notAsked,
      ),
    );
    expect(after?.computation).toEqual(before?.computation);
  });

  it("gives a query its inputs by name", () => {
    const weather = source({ path: "weather.csv", columns: { origin: t.string() } });
    const columns = { origin: t.string(), n: t.int64({ nullable: false }) };
    const query = feature({
      name: "query",
      source: flights,
      keys: ["origin"],
      transform: sql({ query: "SELECT 1", columns, inputs: { weather, again: flights } }),
    });
    const { computation, schema, sources } = resolveFeature(query, notAsked);
    const scan = scanOf(flights, schemaFrom(flights.columns ?? {}));
    expect(computation).toEqual({
      kind: "plan",
      plan: {
        op: "sql",
        query: "SELECT 1",
        inputs: { source: scan, weather: scanOf(weather, schemaFrom(weather.columns ?? {})), again: scan },
        columns: schema,
      },
    });
    expect(schema).toEqual([
      { name: "origin", kind: "string", nullable: true },
      { name: "n", kind: "int64", nullable: false },
    ]);
    expect(sources).toEqual([flights, weather]);
  });

  it("gives a function over batches the rows of its source", () => {
    const transform = batches({ columns: { origin: t.string() }, run: (input) => input });
    const loop = feature({ name: "loop", source: flights, keys: ["origin"], transform });
    const { run, logic } = transform;
    expect(resolveFeature(loop, notAsked).computation).toEqual({
      kind: "batches",
      input: scanOf(flights, schemaFrom(flights.columns ?? {})),
      run,
      logic,
      columns: [{ name: "origin", kind: "string", nullable: true }],
    });
  });

  it("refuses two sources of one name in one plan", () => {
    const archive = source({ path: "archive/flights.parquet", columns: { origin: t.string() } });
    const define = (): unknown =>
      feature({ name: "both", source: flights, keys: ["origin"], transform: (rows) => rows.join(archive, { on: "origin" }) });
    expect(issuesOf(define)).toEqual([{ path: "both.source", message: expect.stringContaining('two different sources named "flights"') }]);
  });
});
