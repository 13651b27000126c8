import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorDocument, explainDocument, featureDocument, parseDocument, trainingDocument } from "./documents.js";
import { flightsCsv, imports } from "./flights.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

const definitions = `${imports}
const flights = source({
  path: "data/flights.csv",
  columns: { date: t.timestamp(), origin: t.string(), destination: t.string(), delay: t.int64() },
  timestamp: "date",
});
export const recent = feature({
  name: "recent",
  source: flights,
  keys: ["origin"],
  rolling: { every: "1d", windows: ["1d"], aggregations: { delay: ["sum", "count"] } },
  ttl: "90d",
});
export const routes = feature({
  name: "routes",
  source: flights,
  keys: ["origin"],
  transform: (rows) => rows.groupBy("origin").aggregate(() => ({ flights: count() })),
});
export const defs = new Definitions({
  name: "flights",
  features: [recent, routes],
  offlineStore: new LocalStore("./feature_store"),
  engine: new DuckDBEngine(),
});
`;

/** Before anything was known, within the first window, at its end, an airport that is not known, and none. */
const labels = `at,origin,late
2001-01-01T23:59:59Z,SEA,true
2001-01-02T12:00:00Z,SEA,false
2001-01-03T00:00:00Z,SFO,true
2001-01-05T00:00:00Z,SEA,false
2001-01-02T12:00:00Z,XXX,true
2001-01-02T12:00:00Z,,true
`;

let project: Project;
beforeAll(async () => {
  project = await Project.create({ "definitions.ts": definitions, "data/flights.csv": flightsCsv, "labels/labels.csv": labels });
  expect((await project.run(["build"])).exitCode).toBe(0);
});
afterAll(() => project[Symbol.asyncDispose]());

const expected = `at,origin,late,recent__delay__sum__1d__1d,recent__delay__count__1d__1d
2001-01-01T23:59:59.000000Z,SEA,true,,
2001-01-02T12:00:00.000000Z,SEA,false,2,2
2001-01-03T00:00:00.000000Z,SFO,true,1,2
2001-01-05T00:00:00.000000Z,SEA,false,,0
2001-01-02T12:00:00.000000Z,XXX,true,,
2001-01-02T12:00:00.000000Z,,true,,
`;

describe("mlforge training-data", () => {
  it("writes the labels with what was known at their time, and a lock that makes the same again", async () => {
    const cwd = "labels";
    const args = ["training-data", "--labels", "labels.csv", "--timestamp", "at", "--features", "recent", "--out", "train.csv"];
    const first = await project.run([...args, "--lock", "train.lock", "--json"], { cwd });
    expect(first.stderr).toBe("");
    expect(parseDocument(trainingDocument, first.stdout)).toMatchObject({
      path: join(project.path, "labels/train.csv"),
      rows: 6,
      features: [{ feature: "recent", version: "1.0.0" }],
      warnings: [],
    });
    expect(await readFile(join(project.path, "labels/train.csv"), "utf8")).toBe(expected);
    await project.write({ "data/flights.csv": flightsCsv.replaceAll("SEA", "OAK") });
    expect((await project.run(["build"])).stdout).toContain("1.0.1");
    const again = await project.run(["training-data", "--lock", "train.lock", "--out", "again.csv"], { cwd });
    expect({ ...again, stdout: "" }).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(await readFile(join(project.path, "labels/again.csv"), "utf8")).toBe(expected);

    const same = await project.run([...args.slice(0, -1), "same.csv", "--lock", "train.lock", "--json"], { cwd });
    expect(parseDocument(trainingDocument, same.stdout).features).toEqual([{ feature: "recent", version: "1.0.0" }]);
    expect(await readFile(join(project.path, "labels/same.csv"), "utf8")).toBe(expected);
    const lock = await readFile(join(project.path, "labels/train.lock"), "utf8");
    for (const [chosen, more, differing] of [
      ["recent as last_", [], "the features differ"],
      ["recent@1.0.1", [], "the features differ"],
      ["recent", ["--no-exact-matches"], "--no-exact-matches differ"],
    ] as const) {
      const options = args.slice(0, -1).map((each) => (each === "recent" ? chosen : each));
      const other = await project.run([...options, "other.csv", "--lock", "train.lock", ...more], { cwd });
      expect([other.exitCode, other.stderr]).toEqual([
        2,
        expect.stringContaining(`train.lock records another set than these options choose (${differing})`),
      ]);
    }
    expect(await readFile(join(project.path, "labels/train.lock"), "utf8")).toBe(lock);
  }, 120_000);

  it("adds when the values became known with --with-timestamps", async () => {
    const args = ["training-data", "--labels", "labels.csv", "--timestamp", "at", "--out", "timed.csv", "--with-timestamps"];
    const choice = ["--features", "recent@1.0.0 as r_,routes", "--lock", "timed.lock"];
    expect((await project.run([...args, ...choice], { cwd: "labels" })).exitCode).toBe(0);
    const [header, ...lines] = (await readFile(join(project.path, "labels/timed.csv"), "utf8")).trim().split("\n");
    const position = header?.split(",").indexOf("r_recent_timestamp") ?? -1;
    expect(lines.map((line) => line.split(",")[position])).toEqual([
      "",
      "2001-01-02T00:00:00.000000Z",
      "2001-01-03T00:00:00.000000Z",
      "2001-01-04T00:00:00.000000Z",
      "",
      "",
    ]);
    expect(header).not.toContain("routes_timestamp");
    const again = await project.run(["training-data", "--lock", "timed.lock", "--out", "timed.csv", "--with-timestamps"], {
      cwd: "labels",
    });
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain("timed.lock already fixes the columns; drop --with-timestamps");
  });

  it("does not take other labels for those of a lock", async () => {
    await using other = await Project.create({ "definitions.ts": definitions, "data/flights.csv": flightsCsv, "labels.csv": labels });
    await other.run(["build"]);
    const args = ["training-data", "--labels", "labels.csv", "--timestamp", "at", "--features", "recent", "--out", "a.parquet"];
    expect((await other.run([...args, "--lock", "a.lock"])).exitCode).toBe(0);
    await other.write({ "labels.csv": labels.replace("XXX", "SFO") });
    const { exitCode, stderr } = await other.run(["training-data", "--lock", "a.lock", "--out", "b.parquet"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/labels\.csv are not the labels of the lock: .*\[LOCK_MISMATCH\]/);
    await other.write({ "a.lock": "{}" });
    expect((await other.run(["training-data", "--lock", "a.lock", "--out", "b.parquet"])).stderr).toContain("lock_version");
  });

  it("warns of features that may know the future", async () => {
    const args = ["training-data", "--labels", "labels/labels.csv", "--timestamp", "at", "--features", "routes", "--out", "w.parquet"];
    const { exitCode, stderr } = await project.run(args);
    expect(exitCode).toBe(0);
    expect(stderr).toBe(
      'warning: feature "routes" has no timestamp, so its values can be from after the labels; give it a timestamp, or declare it static: true if its values are valid at any time\n',
    );
  });

  it.each([
    ["no features", ["--labels", "labels/labels.csv"], 2, "USAGE_INVALID", "--features"],
    ["no labels", ["--features", "recent"], 2, "USAGE_INVALID", "--labels"],
    [
      "a column that is not there",
      ["--labels", "labels/labels.csv", "--timestamp", "att", "--features", "recent"],
      2,
      "LABELS_INVALID",
      '"at"',
    ],
    [
      "a timestamp that is none",
      ["--labels", "labels/labels.csv", "--timestamp", "late", "--features", "recent"],
      2,
      "LABELS_INVALID",
      "boolean",
    ],
    [
      "a feature that is not there",
      ["--labels", "labels/labels.csv", "--timestamp", "at", "--features", "recnt"],
      2,
      "NAME_UNKNOWN",
      '"recent"',
    ],
    [
      "a version that is not there",
      ["--labels", "labels/labels.csv", "--timestamp", "at", "--features", "recent@^9"],
      1,
      "VERSION_NOT_FOUND",
      "1.0.0",
    ],
    ["labels that are not there", ["--labels", "nope.csv", "--timestamp", "at", "--features", "recent"], 1, "SOURCE_NOT_FOUND", "nope.csv"],
  ])("refuses %s", async (_, args, exitCode, code, text) => {
    const outcome = await project.run(["training-data", ...args, "--out", "refused.parquet", "--json"]);
    expect(outcome.exitCode).toBe(exitCode);
    const { error } = parseDocument(errorDocument, outcome.stdout);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
    await expect(readFile(join(project.path, "refused.parquet"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("refuses a file that is neither Parquet nor CSV", async () => {
    const args = ["training-data", "--labels", "labels/labels.csv", "--timestamp", "at", "--features", "recent", "--out", "train.xlsx"];
    const { exitCode, stderr } = await project.run(args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("train.xlsx");
  });
});

describe("mlforge inspect feature", () => {
  it("shows windows, and how long a row is good for", async () => {
    const { stdout } = await project.run(["inspect", "feature", "recent"]);
    expect(stdout).toMatch(/^windows +sum, count of delay over 1d, every 1d\nttl +90d$/m);
    const { definition } = parseDocument(featureDocument, (await project.run(["inspect", "feature", "recent", "--json"])).stdout);
    expect(definition).toMatchObject({
      rolling: [{ every: "1d", windows: ["1d"], aggregations: { delay: ["sum", "count"] } }],
      ttl: "90d",
      static: false,
    });
  });
});

describe("mlforge explain", () => {
  it("tells what was chosen, since when it was known, and what came too late", async () => {
    const label = ["--key", "origin=SFO", "--at", "2001-01-02T12:00:00Z"];
    const { stdout, exitCode } = await project.run(["explain", "--features", "recent@1.0.0", ...label, "--json"]);
    expect(exitCode).toBe(0);
    const values = (total: number | null, n: number) => ({ recent__delay__sum__1d__1d: total, recent__delay__count__1d__1d: n });
    expect(parseDocument(explainDocument, stdout)).toEqual({
      row: { origin: "SFO", at: "2001-01-02T12:00:00Z" },
      at: "2001-01-02T12:00:00.000000Z",
      features: [
        {
          feature: "recent",
          version: "1.0.0",
          inputs: [],
          keys: { origin: "SFO" },
          outcome: "found",
          newest: { known_at: "2001-01-02T00:00:00.000000Z", values: values(10, 1) },
          earlier: 0,
          later: {
            count: 2,
            first: [
              { known_at: "2001-01-03T00:00:00.000000Z", values: values(1, 2) },
              { known_at: "2001-01-04T00:00:00.000000Z", values: values(null, 0) },
            ],
          },
        },
      ],
    });
  });

  it("takes a label of a file", async () => {
    const args = ["explain", "--features", "recent@1.0.0", "--labels", "labels/labels.csv", "--timestamp", "at"];
    expect((await project.run([...args, "--row", "0"])).stdout).toContain("all rows with these keys became known later");
    expect((await project.run([...args, "--row", "4"])).stdout).toContain("no rows have these keys");
    expect((await project.run([...args, "--row", "5"])).stdout).toContain("the label has a null key");
    const beyond = await project.run([...args, "--row", "6"]);
    expect(beyond.exitCode).toBe(2);
    expect(beyond.stderr).toContain("label index 6 is out of range");
  });

  it.each([
    ["a key without a value", ["--key", "origin"], "origin"],
    ["a timestamp that is none", ["--key", "origin=SEA", "--at", "yesterday"], "yesterday"],
    ["a file without a row", ["--labels", "labels/labels.csv"], "--row"],
    ["a row without a file", ["--row", "1"], "--labels"],
    ["both ways at once", ["--labels", "labels/labels.csv", "--row", "1", "--key", "origin=SEA"], "not both"],
    ["no timestamp", ["--key", "origin=SEA"], "timestamp"],
  ])("refuses %s", async (_, args, text) => {
    const { exitCode, stderr } = await project.run(["explain", "--features", "recent", ...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(text);
  });
});
