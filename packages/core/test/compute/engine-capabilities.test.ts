import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { type Engine, type EngineCapabilities, MlforgeError, type Store } from "@mlforge/spec";
import { memoryStore } from "@mlforge/testkit/store";
import { describe, expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";

/** An engine that knows no exact median, and refuses everything else. */
function withoutMedian(changes: Partial<Engine> = {}): Engine {
  const refuse = (): never => {
    throw new Error("the engine was asked for something that it cannot do");
  };
  return {
    specVersion: 1,
    name: "approximate",
    version: "1",
    capabilities: { reads: ["file"], writes: ["file"], concurrency: 1, rolling: ["sum", "count"] },
    describe: refuse,
    run: refuse,
    write: refuse,
    [Symbol.asyncDispose]: async () => undefined,
    ...changes,
  };
}

const late = feature({
  name: "late",
  source: source({
    path: new URL(import.meta.url),
    format: { kind: "csv" },
    name: "events",
    columns: { at: t.timestamp(), k: t.string(), n: t.int64() },
    timestamp: "at",
  }),
  keys: ["k"],
  rolling: { every: "1d", windows: ["7d"], aggregations: { n: ["sum", "median"] } },
});

it("refuses windows that the engine cannot compute exactly, before it is asked", async () => {
  const defs = new Definitions({ name: "x", features: [late], offlineStore: memoryStore(), engine: withoutMedian() });
  const refusal = { code: "CAPABILITY_MISSING", details: { plugin: "approximate", capability: "rolling median" } };
  expect((await defs.build()).failed).toMatchObject([{ feature: "late", error: refusal }]);
  await expect(defs.preview(late)).rejects.toMatchObject(refusal);
  expect(new DuckDBEngine().capabilities.rolling).toContain("median");
});

it.each([
  [{ operations: ["scan", "sort", "project"] }, "operation rollingAggregate"],
  [{ kinds: ["timestamp", "string"] }, "kind int64"],
  [{ rolling: ["median"] }, "rolling sum"],
] as const)("refuses a feature that needs more than %j, before the engine is asked", async (capabilities, capability) => {
  const engine = withoutMedian({
    capabilities: { reads: ["file"], writes: ["file"], concurrency: 1, rolling: ["sum", "median"], ...capabilities },
  });
  const defs = new Definitions({ name: "x", features: [late], offlineStore: memoryStore(), engine });
  expect((await defs.build()).failed).toMatchObject([
    { error: { code: "CAPABILITY_MISSING", details: { plugin: "approximate", capability } } },
  ]);
});

it.each([
  [{ operations: ["scan", "sort", "filter", "project"] }, "operation rowChecksums"],
  [{ output: "folder" }, "output file"],
] as const)("refuses to divide a feature into periods with %j", async (capabilities, capability) => {
  const engine = withoutMedian({ capabilities: { reads: ["file"], writes: ["file"], concurrency: 1, rolling: [], ...capabilities } });
  const events = source({
    path: new URL(import.meta.url),
    format: { kind: "csv" },
    name: "events",
    columns: { at: t.timestamp(), k: t.string() },
    timestamp: "at",
  });
  const divided = feature({ name: "divided", source: events, keys: ["k"], partition: "month" });
  const defs = new Definitions({ name: "x", features: [divided], offlineStore: memoryStore(), engine });
  expect((await defs.build()).failed).toMatchObject([
    { error: { code: "CAPABILITY_MISSING", details: { plugin: "approximate", capability } } },
  ]);
});

it.each([
  [{ functions: ["add", "case", "cast"] }, "function upper"],
  [{ functions: ["upper"], aggregates: ["count"] }, "aggregate sum"],
] satisfies readonly (readonly [Partial<EngineCapabilities>, string])[])(
  "refuses expressions beyond %j",
  async (capabilities, capability) => {
    const words = source({
      path: new URL(import.meta.url),
      format: { kind: "csv" },
      name: "words",
      columns: { k: t.string(), n: t.int64() },
    });
    const totals = feature({
      name: "totals",
      source: words,
      keys: ["K"],
      transform: (rows) =>
        rows
          .derive((row) => ({ K: row.k.upper() }))
          .groupBy("K")
          .aggregate((row) => ({ n: row.n.sum() })),
    });
    const engine = withoutMedian({ capabilities: { reads: ["file"], writes: ["file"], concurrency: 1, rolling: [], ...capabilities } });
    const defs = new Definitions({ name: "x", features: [totals], offlineStore: memoryStore(), engine });
    expect((await defs.build()).failed).toMatchObject([
      { error: { code: "CAPABILITY_MISSING", details: { plugin: "approximate", capability } } },
    ]);
  },
);

describe("before anything is computed", () => {
  const total = feature({
    name: "total",
    source: source({ path: new URL(import.meta.url), format: { kind: "csv" }, name: "events", columns: { k: t.string() } }),
    keys: ["k"],
  });
  const definitionsOf = (offlineStore: Store, engine: Engine): Definitions =>
    new Definitions({ name: "x", features: [total], offlineStore, engine });

  it("refuses a store without conditional puts", async () => {
    const { failed } = await definitionsOf(memoryStore({ conditionalPut: "none" }), withoutMedian()).build();
    expect(failed).toMatchObject([{ error: { code: "CAPABILITY_MISSING", details: { plugin: "memory", capability: "conditionalPut" } } }]);
  });

  it("refuses a store whose service turns out not to keep conditions", async () => {
    const refusal = new MlforgeError("CAPABILITY_MISSING", "it ignores them", { plugin: "memory", capability: "conditionalPut" });
    const store = Object.assign(memoryStore(), { checkConditionalPut: () => Promise.reject(refusal) });
    expect((await definitionsOf(store, withoutMedian()).build()).failed).toMatchObject([{ error: refusal }]);
  });

  it("refuses an engine that writes neither local files nor to the store", async () => {
    const engine = withoutMedian({ capabilities: { ...withoutMedian().capabilities, writes: ["hdfs"] } });
    const { failed } = await definitionsOf(memoryStore(), engine).build();
    expect(failed).toMatchObject([
      { error: { code: "CAPABILITY_MISSING", details: { plugin: "approximate", capability: "writes file" } } },
    ]);
  });

  it("refuses plugins that speak another version of the contracts", () => {
    const newer = Object.assign(withoutMedian(), { specVersion: 2 });
    expect(() => definitionsOf(memoryStore(), newer)).toThrow(
      "approximate implements spec version 2, but this @mlforge/core needs version 1; upgrade @mlforge/core",
    );
    const older = Object.assign(memoryStore(), { specVersion: 0 });
    expect(() => definitionsOf(older, withoutMedian())).toThrow("upgrade the package of memory");
  });
});
