import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBEngine } from "@mlforge/engine-duckdb";
import { isMlforgeError } from "@mlforge/spec";
import { Float32, Int32, Table, Utf8, vectorFromArray } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Definitions, type FeatureChoice, feature, type Labels, source, t } from "../../src/index.js";
import { collect } from "./collect.js";
import { failureOf } from "./failure-of.js";
import { flightLabels, flightsIn, writeFlights } from "./flights.js";

const engine = new DuckDBEngine({ threads: 1 });
let folder: string;
/** Not typed, as those of a program that reads what to choose. */
let defs: Definitions;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlforge-training-"));
  await writeFlights(folder);
  const typed = flightsIn(folder, engine);
  await typed.build({ features: ["delay", "place", "loose"] });
  defs = new Definitions({ name: "flights", features: typed.features, offlineStore: typed.offlineStore, engine });
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

type Choices = readonly FeatureChoice[];

/** The problems of a set that must not be made. */
async function problemsOf(labels: Labels, features: Choices, withTimestamps?: boolean): Promise<readonly string[]> {
  const error = await failureOf(defs.getTrainingData({ labels, timestamp: "at", features, withTimestamps }), "LABELS_INVALID");
  for (const problem of error.details.problems) expect(error.message).toContain(problem);
  return error.details.problems;
}

const [first] = flightLabels;
const at = new Date(0);

describe("labels", () => {
  it("without the key of a feature name the nearest column", async () => {
    expect(await problemsOf([{ orign: "SEA", at }], ["delay"])).toEqual([
      'a key of feature "delay": no column "origin" in the labels; did you mean "orign"?',
    ]);
    expect(await problemsOf([{ at }], ["delay", "place"])).toEqual([
      'a key of feature "delay": no column "origin" in the labels; known columns: at',
      'a key of feature "place": no column "origin" in the labels; known columns: at',
    ]);
  });

  it("whose key only differs in case are refused", async () => {
    expect(await problemsOf([{ Origin: "SEA", at }], ["delay"])).toEqual([expect.stringContaining('did you mean "Origin"?')]);
  });

  it.each<[string, Labels]>([
    ["int64", [{ origin: 1, at }]],
    ["float64", [{ origin: 0.5, at }]],
    ["boolean", [{ origin: true, at }]],
    ["timestamp", [{ origin: at, at }]],
    ["bytes", [{ origin: Uint8Array.of(83), at }]],
    ["int32", new Table({ origin: vectorFromArray([1], new Int32()), at: vectorFromArray([at]) })],
    ["float32", new Table({ origin: vectorFromArray([1], new Float32()), at: vectorFromArray([at]) })],
  ])("whose key is %s instead of text are refused", async (kind, labels) => {
    expect(await problemsOf(labels, ["delay"])).toEqual([
      `the key "origin" is ${kind} in the labels and string in feature "delay"; cast one of them`,
    ]);
  });

  it("whose integer key is narrower are joined", async () => {
    await writeFile(join(folder, "numbered.csv"), "id,v\n1,10\n2,20\n");
    const numbered = feature({
      name: "numbered",
      source: source({ path: join(folder, "numbered.csv"), columns: { id: t.int64(), v: t.int64() } }),
      keys: ["id"],
      static: true,
    });
    const own = new Definitions({ name: "own", features: [numbered], offlineStore: defs.offlineStore, engine });
    await own.build();
    const labels = new Table({ id: vectorFromArray([2, 3], new Int32()) });
    expect(await collect((await own.getTrainingData({ labels, features: [numbered] })).rows())).toEqual([
      { id: 2, v: 20 },
      { id: 3, v: null },
    ]);
  });

  it("without the timestamp name the nearest column", async () => {
    expect(await problemsOf([{ origin: "SEA", att: at }], ["delay"])).toEqual([
      'the timestamp: no column "at" in the labels; did you mean "att"?',
    ]);
  });

  it.each<[string, Labels]>([
    ["string", [{ origin: "SEA", at: "2024-01-01" }]],
    ["int64", [{ origin: "SEA", at: 1_704_067_200 }]],
    ["string", new Table({ origin: vectorFromArray(["SEA"]), at: vectorFromArray(["2024"], new Utf8()) })],
  ])("whose timestamp is %s are refused", async (kind, labels) => {
    expect(await problemsOf(labels, ["delay"])).toEqual([
      expect.stringMatching(new RegExp(`^the timestamp "at" of the labels is ${kind}; pass Dates`)),
    ]);
  });

  it("whose timestamp is a date are taken at midnight", async () => {
    await writeFile(join(folder, "days.csv"), "origin,at\nSEA,2024-01-03\nSEA,2024-01-02\n");
    const labels = source({ path: join(folder, "days.csv"), columns: { origin: t.string(), at: t.date() } });
    const rows = await collect((await defs.getTrainingData({ labels, timestamp: "at", features: ["delay"] })).rows());
    expect(rows.map((row) => row.delay)).toEqual([30, 10]);
  });

  it("with a timestamp that cannot be read are refused when they are", async () => {
    await writeFile(join(folder, "timestamps.csv"), "origin,at\nSEA,2024-01-03T00:00:00Z\nSEA,yesterday\n");
    const labels = source({ path: join(folder, "timestamps.csv"), columns: { origin: t.string(), at: t.timestamp() } });
    const training = await defs.getTrainingData({ labels, timestamp: "at", features: ["delay"] });
    await failureOf(collect(training.rows()), "SCHEMA_MISMATCH", '"at"', "yesterday", "timestamps.csv");
  });

  it("of two columns of one name, or of names that differ in case, or of no name are refused", async () => {
    expect(await problemsOf([{ ...first, x: 1, X: 2, "": 3 }], ["delay"])).toEqual([
      'the labels have columns "x" and "X", which differ only in case; rename one of them',
      "a column of the labels has no name",
    ]);
  });

  it("of nothing at all are refused", async () => {
    await failureOf(defs.getTrainingData({ labels: [], features: [] }), "LABELS_INVALID", "the labels have no columns");
    await failureOf(defs.getTrainingData({ labels: [{}], features: [] }), "LABELS_INVALID", "the labels have no columns");
  });
});

describe("features", () => {
  it("that do not exist name the nearest", async () => {
    const { details } = await failureOf(
      defs.getTrainingData({ labels: [first ?? {}], timestamp: "at", features: ["dely"] }),
      "NAME_UNKNOWN",
      'did you mean "delay"',
    );
    expect(details).toMatchObject({ what: "feature", name: "dely", nearest: "delay" });
    await failureOf(defs.getTrainingData({ labels: [], timestamp: "at", features: [{ feature: "xyz" }] }), "NAME_UNKNOWN", "delay, recent");
  });

  it("of an unknown version name those there are", async () => {
    for (const choice of ["delay@2.0.0", "delay@^2.0", { feature: "delay", version: "2.0.0" }]) {
      const error = await failureOf(
        defs.getTrainingData({ labels: flightLabels, timestamp: "at", features: [choice] }),
        "VERSION_NOT_FOUND",
        "1.0.0",
      );
      expect(error.details.available).toEqual(["1.0.0"]);
    }
    await failureOf(
      defs.getTrainingData({ labels: flightLabels, timestamp: "at", features: ["recent"] }),
      "VERSION_NOT_FOUND",
      "build it first",
    );
  });

  it.each(["delay@", "delay@ ", "delay@one", "delay@../1.0.0", "delay@@1.0.0"])(
    "of no version, such as %j, are refused",
    async (choice) => {
      await failureOf(defs.getTrainingData({ labels: flightLabels, timestamp: "at", features: [choice] }), "VERSION_INVALID", "range");
    },
  );

  it("with a timestamp need one of the labels", async () => {
    const error = await failureOf(defs.getTrainingData({ labels: flightLabels, features: ["delay"] }), "LABELS_INVALID", "pass timestamp");
    expect(error.details.problems).toHaveLength(1);
  });

  it.each(["0d", "-1d", "1mo", "1.5h", "d", ""])("of the ttl %j are refused where they are defined", (ttl) => {
    const timed = source({ path: "x.csv", columns: { k: t.string(), at: t.timestamp() }, timestamp: "at" });
    // @ts-expect-error most are no durations in their types either
    const define = (): unknown => feature({ name: "x", source: timed, keys: ["k"], ttl });
    expect(define).toThrow(
      expect.toSatisfy((error: unknown) => isMlforgeError(error, "DEFINITION_INVALID") && error.message.includes("x.ttl")),
    );
  });

  it("that were changed and not built yet are refused, and a version of them is not", async () => {
    const columns = { origin: t.string(), date: t.timestamp(), delay: t.float64() };
    const changed = feature({
      name: "delay",
      source: source({ path: join(folder, "flights.csv"), columns, timestamp: "date" }),
      keys: ["origin"],
    });
    const own = new Definitions({ name: "own", features: [changed], offlineStore: defs.offlineStore, engine });
    const given = { labels: flightLabels, timestamp: "at" };
    await failureOf(own.getTrainingData({ ...given, features: [changed] }), "SCHEMA_MISMATCH", '"delay" is int64', "build the feature");
    expect(await collect((await own.getTrainingData({ ...given, features: ["delay@1.0.0"] })).rows())).toHaveLength(5);
  });
});

describe("columns", () => {
  it("named twice offer a prefix", async () => {
    expect(await problemsOf(flightLabels, ["place", "loose"])).toEqual([
      'feature "place" and feature "loose" both have columns "name", "runways"; rename them, for example { feature: "loose", prefix: "loose_" }',
    ]);
    expect(await problemsOf([{ ...first, DELAY: 1 }], ["delay"])).toEqual([
      'the labels and feature "delay" both have a column "delay"; rename them, for example { feature: "delay", prefix: "delay_" }',
    ]);
    expect(await problemsOf(flightLabels, [{ feature: "place", rename: { name: "x", runways: "X" } }])).toEqual([
      expect.stringContaining('feature "place" repeats a column "X"'),
    ]);
    expect(await problemsOf(flightLabels, [{ feature: "place", rename: { name: "" } }])).toEqual([
      'a column of feature "place" is renamed to an empty name',
    ]);
  });

  it("that withTimestamps adds must not hide others", async () => {
    const problems = (labels: Labels, features: Choices): Promise<readonly string[]> => problemsOf(labels, features, true);
    expect(await problems([{ ...first, Delay_Timestamp: 1 }], ["delay"])).toEqual([
      'the labels and feature "delay" both have a column "delay_timestamp"; rename them, for example { feature: "delay", prefix: "delay_" }',
    ]);
    expect(await problems(flightLabels, [{ feature: "delay", rename: { share: "DELAY_timestamp" } }])).toEqual([
      'feature "delay" has a column "DELAY_timestamp", but withTimestamps adds "delay_timestamp"; rename it, for example { feature: "delay", rename: { "share": "other_share" } }',
    ]);
    expect(await problems(flightLabels, ["delay", { feature: "delay", columns: [] }])).toEqual([
      'feature "delay" repeats a column "delay_timestamp"; rename them, for example { feature: "delay", prefix: "delay_" }',
    ]);
    expect(await problems(flightLabels, ["delay", { feature: "place", rename: { name: "delay_timestamp" } }])).toEqual([
      'feature "delay" and feature "place" both have a column "delay_timestamp"; rename them, for example { feature: "place", prefix: "place_" }',
    ]);
  });

  it("that a feature does not have, has as keys, or gives already are refused all at once", async () => {
    const columns = ["dely", "origin", "share", "share"];
    expect(await problemsOf(flightLabels, [{ feature: "delay", columns, rename: { shore: "x" } }])).toEqual([
      expect.stringMatching(/^no column "dely" in feature "delay" 1.0.0; did you mean "delay"\?$/),
      expect.stringContaining('"origin" is a key'),
      expect.stringContaining('"share" of feature "delay" 1.0.0 is selected twice'),
      expect.stringMatching(/^rename: no column "shore" .*did you mean "share"\?$/),
    ]);
  });
});

describe("everything that does not fit", () => {
  it("is told at once", async () => {
    const problems = await problemsOf([{ origin: 1, x: 1, X: 2 }], ["delay", { feature: "place", columns: ["nme"] }, "loose"]);
    expect(problems).toEqual([
      expect.stringContaining('did you mean "name"?'),
      expect.stringContaining("differ only in case"),
      expect.stringContaining("the timestamp"),
      expect.stringContaining('feature "delay"; cast'),
      expect.stringContaining('feature "place"; cast'),
      expect.stringContaining('feature "loose"; cast'),
    ]);
  });

  it("is told of the features also where the labels are wrong by themselves", async () => {
    expect(await problemsOf([{ origin: 2n ** 64n }], [{ feature: "place", columns: ["nme"] }])).toEqual([
      expect.stringContaining('did you mean "name"?'),
      expect.stringContaining("does not fit in int64"),
    ]);
  });
});
