import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { Definitions, feature, source, t } from "../../src/index.js";
import { collect } from "../train/collect.js";
import { Layers } from "./project.js";

const engine = new DuckDBEngine({ threads: 1 });
afterAll(() => engine[Symbol.asyncDispose]());

let layers: Layers;
beforeEach(async () => {
  layers = await Layers.create();
});
afterEach(() => layers[Symbol.asyncDispose]());

const day = (n: number): Date => new Date(Date.UTC(2024, 0, n));

describe("features that read features", () => {
  it("are built after these, from what the same build publishes", async () => {
    const defs = layers.definitions(engine);
    const { built, failed } = await defs.build();
    expect(failed).toEqual([]);
    expect(built.map(({ feature, version }) => `${feature} ${version}`)).toEqual([
      "both 1.0.0",
      "doubled 1.0.0",
      "largest 1.0.0",
      "daily 1.0.0",
    ]);
    const data = await defs.readFeature("both");
    expect(await collect(data.rows())).toEqual([
      { user: "a", at: day(2), amount: 20, largest_30d: null },
      { user: "a", at: day(3), amount: null, largest_30d: 10 },
      { user: "a", at: day(4), amount: 40, largest_30d: 10 },
      { user: "a", at: day(5), amount: null, largest_30d: 20 },
      { user: "b", at: day(3), amount: 10, largest_30d: null },
      { user: "b", at: day(4), amount: null, largest_30d: 5 },
    ]);
    const { metadata: upstream } = await defs.readFeature("largest");
    expect(data.metadata.inputs).toEqual([
      { feature: "doubled", version: "1.0.0", commit_id: expect.any(String), content_hash: expect.stringMatching(/^[0-9a-f]{12}$/) },
      { feature: "largest", version: "1.0.0", commit_id: upstream.commit_id, content_hash: upstream.content_hash },
    ]);
    expect(data.metadata.source).toBe("feature doubled,feature largest");
  });

  it("are built again whenever one of these has another version, and a plan says so before", async () => {
    await layers.definitions(engine).build();
    const defs = layers.definitions(engine);
    expect((await defs.plan()).features.map((plan) => plan.action)).toEqual(["skip", "skip", "skip", "skip"]);
    expect((await defs.build()).built).toEqual([]);
    await layers.write("b,2024-01-05T06:00:00Z,50");
    const { features } = await defs.plan();
    const expected = [
      ["both", "1.0.1", "the source data changed: doubled 1.0.0 to 1.0.1, largest 1.0.0 to 1.0.1"],
      ["doubled", "1.0.1", "the source data changed: daily 1.0.0 to 1.0.1"],
      ["largest", "1.0.1", "the source data changed: daily 1.0.0 to 1.0.1"],
      ["daily", "1.0.1", "the source data changed"],
    ];
    expect(features.map((plan) => (plan.action === "fail" ? plan.error : [plan.feature, plan.next, plan.why]))).toEqual(expected);
    const { built } = await defs.build();
    expect(built.map(({ feature, version, reason }) => [feature, version, reason])).toEqual(expected);
    const changed = layers.definitions(engine, { factor: 3 });
    const plans = (await changed.plan()).features.map((plan) =>
      plan.action === "fail" ? plan.error : `${plan.feature} ${plan.action} ${plan.next}`,
    );
    expect(plans).toEqual(["both build 1.0.2", "doubled build 1.1.0", "largest skip 1.0.1", "daily skip 1.0.1"]);
    expect((await changed.build()).built.map(({ feature, version }) => `${feature} ${version}`)).toEqual(["both 1.0.2", "doubled 1.1.0"]);
  });

  it("follow a rollback of these, and not a version that a hold keeps from being latest", async () => {
    const defs = layers.definitions(engine);
    await defs.build();
    await layers.write("b,2024-01-05T06:00:00Z,50");
    await defs.build();
    await defs.versions.rollback("daily", { previous: true, hold: true });
    const plans = (await defs.plan({ features: ["largest"] })).features;
    expect(plans).toMatchObject([{ next: "1.0.2", why: "the source data changed: daily 1.0.1 to 1.0.0" }]);
    const { built } = await defs.build({ features: ["daily", "largest"], force: true });
    expect(built.map(({ feature, latest }) => [feature, latest])).toEqual([
      ["daily", false],
      ["largest", true],
    ]);
    const { metadata } = await defs.readFeature("largest");
    expect(metadata.inputs).toMatchObject([{ feature: "daily", version: "1.0.0" }]);
  });

  it("say what to build first", async () => {
    const defs = layers.definitions(engine);
    const [alone] = (await defs.build({ features: ["doubled"] })).failed;
    expect(alone?.error.code).toBe("VERSION_NOT_FOUND");
    expect(alone?.error.message).toContain('build "daily" first');
    await defs.build();
    const columns = { user: t.string({ nullable: false }), at: t.timestamp({ nullable: false }), amount: t.float64() };
    const payments = source({ path: join(layers.folder, "payments.csv"), columns, timestamp: "at" });
    const daily = feature({ name: "daily", source: payments, keys: ["user"] });
    const doubled = feature({ name: "doubled", source: daily, keys: ["user"] });
    const changed = new Definitions({ name: "changed", features: [daily, doubled], offlineStore: layers.store, engine });
    const [stale] = (await changed.build({ features: [doubled] })).failed;
    expect(stale?.error.code).toBe("SCHEMA_MISMATCH");
    expect(stale?.error.message).toContain('"amount" is int64, but the definition declares float64; build "daily" first');
    expect((await changed.plan()).features).toMatchObject([{ next: "2.0.0" }, { next: "2.0.0" }]);
    expect((await changed.build()).built.map(({ feature: name, version }) => `${name} ${version}`)).toEqual([
      "daily 2.0.0",
      "doubled 2.0.0",
    ]);
  });

  it("fail where one of these fails, and the others are built", async () => {
    const defs = layers.definitions(engine);
    await defs.build();
    await rm(join(layers.folder, "payments.csv"));
    for (const failed of [(await defs.build()).failed, (await defs.plan()).features]) {
      expect(failed.map((each) => ("error" in each ? [each.feature, each.error.code] : each))).toEqual([
        ["both", "UPSTREAM_FAILED"],
        ["doubled", "UPSTREAM_FAILED"],
        ["largest", "UPSTREAM_FAILED"],
        ["daily", "SOURCE_NOT_FOUND"],
      ]);
    }
  });

  it("give training sets and previews, and are validated", async () => {
    const defs = layers.definitions(engine);
    await defs.build();
    const labels = [
      { user: "a", at: new Date("2024-01-04T12:00:00Z") },
      { user: "b", at: day(1) },
    ];
    const training = await defs.getTrainingData({ labels, timestamp: "at", features: ["both"], withTimestamps: true });
    expect(await collect(training.rows())).toEqual([
      { ...labels[0], amount: 40, largest_30d: 10, both_timestamp: day(4) },
      { ...labels[1], amount: null, largest_30d: null, both_timestamp: null },
    ]);
    expect((await defs.preview("both")).rows).toHaveLength(5);
    expect((await defs.validate()).validated.map(({ feature, rows }) => [feature, rows])).toEqual([
      ["both", 6],
      ["doubled", 6],
      ["largest", expect.any(Number)],
      ["daily", 6],
    ]);
  });
});
