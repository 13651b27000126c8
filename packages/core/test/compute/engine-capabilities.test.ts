import { DuckDBEngine } from "@mlforge/engine-duckdb";
import type { Engine } from "@mlforge/spec";
import { memoryStore } from "@mlforge/testkit/store";
import { expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";

/** An engine that knows no exact median, and refuses everything else. */
function withoutMedian(): Engine {
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
