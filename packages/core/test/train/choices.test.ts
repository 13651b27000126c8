import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { collect } from "./collect.js";
import { flightLabels, flightsIn, writeFlights } from "./flights.js";

const engine = new DuckDBEngine({ threads: 1 });
let folder: string;
let defs: ReturnType<typeof flightsIn>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-training-"));
  await writeFlights(folder);
  defs = flightsIn(folder, engine);
  await defs.build();
  await writeFlights(folder, "SEA,2024-01-02T00:00:00Z,20,2.5");
  await defs.build({ features: ["delay"] });
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const given = { labels: flightLabels, timestamp: "at" } as const;
const delays = [null, 20, 30, 20, null];
const firstDelays = [null, 10, 30, 20, null];

describe("a feature of a training set", () => {
  it("is given as an object, by its name, or with a version", async () => {
    const feature = defs.feature("delay");
    for (const [choice, version, expected] of [
      [feature, "1.0.1", delays],
      ["delay", "1.0.1", delays],
      ["delay@latest", "1.0.1", delays],
      ["delay@^1.0", "1.0.1", delays],
      ["delay@1.0.0", "1.0.0", firstDelays],
      ["delay@~1.0.0 <1.0.1", "1.0.0", firstDelays],
      [{ feature: "delay" }, "1.0.1", delays],
      [{ feature, version: "1.0.0" }, "1.0.0", firstDelays],
      [{ feature: "delay", version: undefined, columns: undefined, rename: undefined, prefix: undefined }, "1.0.1", delays],
    ] as const) {
      const training = await defs.getTrainingData({ ...given, features: [choice] });
      expect(training.lock.features).toMatchObject([{ feature: "delay", version }]);
      expect(training.columns.map(({ name }) => name)).toEqual(["id", "origin", "at", "delay", "share"]);
      expect((await collect(training.rows())).map((row) => row.delay)).toEqual(expected);
    }
  });

  it("gives the columns that are taken, in their order, by their new names", async () => {
    const training = await defs.getTrainingData({
      ...given,
      features: [
        { feature: "delay", columns: ["share", "delay"], rename: { delay: "late" }, prefix: "now_" },
        { feature: "delay", version: "1.0.0", prefix: "then_" },
        { feature: "place", columns: [] },
      ],
    });
    expect(training.columns.map(({ name }) => name)).toEqual(["id", "origin", "at", "now_share", "late", "then_delay", "then_share"]);
    expect((await collect(training.rows()))[1]).toEqual({ ...flightLabels[1], now_share: 2.5, late: 20, then_delay: 10, then_share: 0.5 });
  });

  it("gives its timestamp, when its values became known, where that is taken", async () => {
    for (const features of [
      [{ feature: "delay", columns: ["date"], rename: { date: "known" } }],
      [{ feature: "delay", columns: ["date"], rename: { date: "known" } }, "place"],
    ] as const) {
      const rows = await collect((await defs.getTrainingData({ ...given, features })).rows());
      const days = ["2024-01-02", "2024-01-03", "2024-01-02"].map((day) => new Date(day));
      expect(rows.map((row) => row.known)).toEqual([null, ...days, null]);
    }
  });

  it("gives when its values became known for each selection on request, which a lock repeats", async () => {
    const features = ["recent", { feature: "delay", columns: ["date"], rename: { date: "known" }, prefix: "p_" }, "place"] as const;
    const training = await defs.getTrainingData({ ...given, features, withTimestamps: true });
    const added = ["delay", "share", "recent_timestamp", "known", "p_delay_timestamp", "name", "runways"];
    expect(training.columns.map(({ name }) => name)).toEqual(["id", "origin", "at", ...added]);
    expect(training.columns.find(({ name }) => name === "recent_timestamp")).toMatchObject({ kind: "timestamp", nullable: true });
    const rows = await collect(training.rows());
    const day = (text: string): Date => new Date(text);
    expect(rows.map((row) => row.recent_timestamp)).toEqual([null, null, day("2024-01-03"), null, null]);
    const known = [null, day("2024-01-02"), day("2024-01-03"), day("2024-01-02"), null];
    expect(rows.map((row) => row.p_delay_timestamp)).toEqual(known);
    expect(rows.map((row) => row.known)).toEqual(known);
    const lock = JSON.parse(JSON.stringify(training.lock));
    expect(await collect((await defs.getTrainingData({ lock, labels: flightLabels })).rows())).toEqual(rows);
    const without = await defs.getTrainingData({ ...given, features, withTimestamps: false });
    expect(without.columns.map(({ name }) => name).filter((name) => name.endsWith("_timestamp"))).toEqual([]);
  });

  it("is too old after its ttl, and not known at its own timestamp where that is not allowed", async () => {
    const delayOf = async (allowExactMatches?: boolean): Promise<unknown> => {
      const training = await defs.getTrainingData({ ...given, features: ["recent"], allowExactMatches });
      return (await collect(training.rows())).map((row) => row.delay);
    };
    expect(await delayOf()).toEqual([null, null, 30, null, null]);
    expect(await delayOf(true)).toEqual([null, null, 30, null, null]);
    expect(await delayOf(false)).toEqual([null, null, null, null, null]);
  });

  it("is not needed", async () => {
    expect(await collect((await defs.getTrainingData({ ...given, features: [] })).rows())).toEqual(flightLabels);
  });

  it("is joined by its keys where the labels have no time", async () => {
    const labels = [{ origin: "SFO" }, { origin: null }, { origin: "SEA" }];
    const training = await defs.getTrainingData({ labels, features: ["loose"] });
    expect(training.warnings).toEqual([]);
    expect(await collect(training.rows())).toEqual([
      { origin: "SFO", name: "San Francisco", runways: 4 },
      { origin: null, name: null, runways: null },
      { origin: "SEA", name: "Seattle", runways: 3 },
    ]);
  });
});

describe("a warning", () => {
  it("says that a feature without a timestamp may know the future", async () => {
    const told: string[] = [];
    const training = await defs.getTrainingData({ ...given, features: ["loose"], onWarning: (message) => told.push(message) });
    expect(training.warnings).toEqual([{ feature: "loose", message: expect.stringContaining("static: true") }]);
    expect(told).toEqual(training.warnings.map(({ message }) => message));
    expect((await collect(training.rows()))[0]).toEqual({ ...flightLabels[0], name: "Seattle", runways: 3 });
  });

  it("is not given for one that is always so, nor for one with a timestamp", async () => {
    const told: string[] = [];
    const training = await defs.getTrainingData({ ...given, features: ["place", "delay"], onWarning: (message) => told.push(message) });
    expect([training.warnings, told]).toEqual([[], []]);
  });

  it("goes to the process unless told otherwise", async () => {
    const emitted = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    await defs.getTrainingData({ ...given, features: ["loose"] });
    expect(emitted.mock.calls).toEqual([[expect.stringContaining('"loose"'), { type: "MlforgeWarning" }]]);
    emitted.mockRestore();
  });
});
