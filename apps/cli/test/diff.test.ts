import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describeWith } from "@mlforge/test-servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { diffDocument } from "./documents/diff.js";
import { errorDocument, parseDocument } from "./documents.js";
import { flightsCsv, flightsDefinitions, flightsProject } from "./flights.js";
import { outcomeOf, Project, shareProcess, toldOnStderr } from "./project.js";
import { openS3Project } from "./s3-project.js";

shareProcess();

const widened = (definitions: string): string =>
  definitions.replace("flights: count(), total", "flights: count(), worst: delay.max(), total");
const renamed = (definitions: string): string => definitions.replace("flights: count(), total", "departures: count(), total");

/** Versions 1.0.0, 1.0.1 (other data), 1.1.0 (a column more) and 2.0.0 (two columns less) of `airport_total`. */
async function fourVersions(): Promise<Project> {
  const project = await Project.create(flightsProject);
  const build = async (): Promise<void> => {
    expect((await project.run(["build", "--features", "airport_total"])).exitCode).toBe(0);
  };
  await build();
  await project.write({ "data/flights.csv": flightsCsv.replace("SFO,SEA,10", "SFO,SEA,30").replaceAll("SEA,LAX", "ANC,LAX") });
  await build();
  await project.write({ "definitions.ts": widened(flightsDefinitions) });
  await build();
  await project.write({ "definitions.ts": renamed(flightsDefinitions) });
  await build();
  return project;
}

describe("mlforge diff", () => {
  let project: Project;
  beforeAll(async () => {
    project = await fourVersions();
  }, 180_000);
  afterAll(() => project[Symbol.asyncDispose]());

  it("ends with the kind of change", async () => {
    for (const [versions, from, to, change, exitCode] of [
      [[], "1.1.0", "2.0.0", "major", 3],
      [["1.0.1", "1.1.0"], "1.0.1", "1.1.0", "minor", 2],
      [["1.0.0", "~1.0"], "1.0.0", "1.0.1", "patch", 1],
      [["2.0.0", "latest"], "2.0.0", "2.0.0", "same", 0],
      [["1.0.0"], "1.0.0", "2.0.0", "major", 3],
    ] as const) {
      const found = await project.run(["diff", "airport_total", ...versions, "--json"]);
      expect([found.stderr, found.exitCode]).toEqual(["", exitCode]);
      expect(parseDocument(diffDocument, found.stdout)).toMatchObject({ from, to, change });
      const quiet = await project.run(["diff", "airport_total", ...versions, "--quiet"]);
      expect(quiet).toEqual({ exitCode, stdout: "", stderr: "" });
    }
  });

  it("tells in numbers how the data differs, and leaves it out on demand", async () => {
    const { stdout } = await project.run(["diff", "airport_total", "1.0.0", "1.0.1", "--json"]);
    const { data, rows, differences, source } = parseDocument(diffDocument, stdout);
    expect([rows, source]).toEqual([{ from: 2, to: 3 }, { changed: true }]);
    expect(differences.logic?.every(({ kind }) => kind === "same")).toBe(true);
    if (data?.kind !== "compared") throw new Error("the data is there");
    expect(data.rows).toEqual({ removed: 0, added: 1, changed: 2, rounded: 0, unchanged: 0 });
    expect(data.columns.map(({ name, changed }) => [name, changed])).toEqual([
      ["origin", null],
      ["flights", { rows: 1, rounded: 0, share: 0.5 }],
      ["total_delay", { rows: 2, rounded: 0, share: 1 }],
    ]);
    expect(data.columns[2]).toMatchObject({
      from: { kind: "int64", rows: 2, nulls: { rows: 0, share: 0 }, distinct: 2, min: 11, max: 22, mean: 16.5, quantiles: { p50: 16.5 } },
      to: { min: -3, max: 31, mean: 53 / 3, quantiles: { p50: 25 } },
    });
    const without = await project.run(["diff", "airport_total", "1.0.0", "1.0.1", "--no-data", "--json"]);
    expect([without.exitCode, parseDocument(diffDocument, without.stdout).data]).toEqual([1, null]);
  });

  it("prints what people read", async () => {
    const { stdout } = await project.run(["diff", "airport_total", "1.0.1", "1.1.0"]);
    expect(stdout.replace(/[\d.]+ [KM]?B to [\d.]+ [KM]?B/, "SIZE to SIZE")).toBe(`airport_total 1.0.1 to 1.1.0: minor, columns added

  rows    3
  size    SIZE to SIZE
  source  unchanged

  columns and keys
    + worst  int64
  logic
      aggregate by origin
        flights: count()
    +   worst: max(delay)
        total_delay: sum(delay)

  only in 1.0.1  0
  only in 1.1.0  0
  changed        0 of 3 in both (0%)

COLUMN       CHANGED  NULLS   MEAN    PSI  DRIFT
origin                   0%         0.000  stable
flights           0%     0%      2  0.000  stable
total_delay       0%     0%  17.67  0.000  stable
`);
    const coloured = await project.run(["diff", "airport_total", "1.0.0", "1.0.1"], { env: { FORCE_COLOR: "1" } });
    expect(coloured.stdout).toContain("\u001b[32mpatch\u001b[39m, the source data changed");
    expect(coloured.stdout).toContain("\u001b[31mdrifted\u001b[39m");
  });

  it("comes without data in a Git clone, and says so", async () => {
    await using clone = await Project.create(flightsProject);
    await clone.run(["build"]);
    await clone.write({ "definitions.ts": renamed(flightsDefinitions) });
    await clone.run(["build"]);
    await rm(join(clone.path, "feature_store/airport_total/2.0.0/data.parquet"));
    const { exitCode, stdout } = await clone.run(["diff", "airport_total"]);
    expect(exitCode).toBe(3);
    expect(stdout).toContain(
      "The data was not compared: the data of 2.0.0 is missing here, as in a Git clone; mlforge sync rebuilds the data of latest versions.",
    );
    expect(stdout).toContain("    - flights     int64\n    + departures  int64\n");
  });

  it.each([
    ["no name", ["diff"], "USAGE_INVALID"],
    ["an unknown option", ["diff", "airport_total", "--bogus"], "USAGE_INVALID"],
    ["too many versions", ["diff", "airport_total", "1.0.0", "1.0.1", "1.0.2"], "USAGE_INVALID"],
    ["an unknown feature", ["diff", "nope"], "NAME_UNKNOWN"],
    ["a version that is none", ["diff", "airport_total", "one"], "VERSION_INVALID"],
    ["a version that is not there", ["diff", "airport_total", "7.0.0"], "VERSION_NOT_FOUND"],
    ["a feature that was never built", ["diff", "airport_total"], "VERSION_NOT_FOUND"],
    ["definitions that are not there", ["diff", "airport_total", "--definitions", "nowhere.ts"], "DEFINITIONS_NOT_LOADED"],
  ])("ends with 4 for %s", async (_, args, code) => {
    await using empty = await Project.create(flightsProject);
    const { exitCode, stdout, stderr } = await empty.run([...args, "--json"]);
    expect(exitCode).toBe(4);
    expect(parseDocument(errorDocument, stdout).error.code).toBe(code);
    expect(stderr).toMatch(/^error: /);
  });

  it("ends with 4 where definitions do not load, with 0 for help, and leaves the codes of other commands", async () => {
    await using broken = await Project.create({ "definitions.ts": "export const x = ;" });
    expect((await broken.run(["diff", "airport_total"])).exitCode).toBe(4);
    expect((await broken.run(["list", "versions", "airport_total"])).exitCode).toBe(2);
    expect((await broken.run(["list", "versions"])).exitCode).toBe(2);
    const help = await broken.run(["diff", "--help"]);
    expect(help.exitCode).toBe(0);
    expect(help.stdout).toContain("Exit codes: 0 no difference, 1 patch, 2 minor, 3 major, 4 error.");
  });

  it("ends with 130 for Ctrl-C", async () => {
    const waiting = `${flightsDefinitions}
defs.offlineStore.get = (_, { signal }) => new Promise((_, reject) => {
  console.error("waiting");
  const alive = setInterval(() => {}, 1000);
  signal.addEventListener("abort", () => { clearInterval(alive); reject(signal.reason); });
});`;
    await using stuck = await Project.create({ "definitions.ts": waiting, "data/flights.csv": flightsCsv });
    const child = stuck.start(["diff", "airport_total"]);
    const ended = outcomeOf(child);
    await toldOnStderr(child, "waiting");
    child.kill("SIGINT");
    expect((await ended).exitCode).toBe(130);
  });
});

describeWith("moto", "mlforge diff with a store in S3", () => {
  it("compares versions there, with their data", async () => {
    await using inS3 = await openS3Project();
    expect((await inS3.run(["build"])).exitCode).toBe(0);
    await inS3.define(widened);
    expect((await inS3.run(["build"])).exitCode).toBe(0);
    const { exitCode, stdout } = await inS3.run(["diff", "airport_total", "--json"]);
    expect(exitCode).toBe(2);
    const { from, to, data } = parseDocument(diffDocument, stdout);
    expect([from, to]).toEqual(["1.0.0", "1.1.0"]);
    expect(data).toMatchObject({ kind: "compared", rows: { removed: 0, added: 0, changed: 0, unchanged: 2 } });
    expect((await inS3.run(["diff", "route_total"])).exitCode).toBe(4);
    expect((await inS3.run(["diff", "airport_total", "latest", "latest", "--quiet"])).exitCode).toBe(0);
  });
});
