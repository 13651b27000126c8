import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildDocument, errorDocument, parseDocument } from "./documents.js";
import { definitionsOf, flightsCsv, flightsDefinitions, flightsProject } from "./flights.js";
import { outcomeOf, Project, shareProcess } from "./project.js";

shareProcess();

describe("mlforge build", () => {
  it("builds every feature, and then skips them", async () => {
    await using project = await Project.create(flightsProject);
    const first = await project.run(["build", "--json"]);
    expect(first.exitCode).toBe(0);
    const { built, skipped, failed } = parseDocument(buildDocument, first.stdout);
    expect(built.map(({ feature, version, change, rows }) => [feature, version, change, rows])).toEqual([
      ["airport_total", "1.0.0", "initial", 2],
      ["route_total", "1.0.0", "initial", 4],
    ]);
    expect([skipped, failed]).toEqual([[], []]);
    expect(first.stderr.split("\n").sort()).toEqual([
      "",
      expect.stringMatching(/^built airport_total 1\.0\.0: 2 rows in .+ s$/),
      expect.stringMatching(/^built route_total 1\.0\.0: 4 rows in .+ s$/),
    ]);

    const second = await project.run(["build", "--json"]);
    expect(second.exitCode).toBe(0);
    expect(parseDocument(buildDocument, second.stdout)).toMatchObject({
      built: [],
      skipped: [
        { feature: "airport_total", version: "1.0.0", reason: "nothing changed" },
        { feature: "route_total", version: "1.0.0", reason: "nothing changed" },
      ],
      failed: [],
      cancelled: [],
    });
  });

  it("prints a table, the paths below the working directory, and a count", async () => {
    await using project = await Project.create(flightsProject);
    const { stdout } = await project.run(["build"]);
    const lines = stdout
      .replace(/[\d.]+ [KM]?B/g, "SIZE")
      .replace(/(?<= )\d+\.\d s(?= {2})/g, "TIME")
      .split("\n");
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ["FEATURE", "VERSION", "CHANGE", "ROWS", "SIZE", "TIME", "WHY"],
      ["airport_total", "1.0.0", "initial", "2", "SIZE", "TIME", "first build"],
      ["route_total", "1.0.0", "initial", "4", "SIZE", "TIME", "first build"],
      [""],
      ["feature_store/airport_total/1.0.0/data.parquet"],
      ["feature_store/route_total/1.0.0/data.parquet"],
      [""],
      [expect.stringMatching(/^2 built, 0 skipped, 0 failed in \d+\.\d s$/)],
      [""],
    ]);
  });

  it("cuts nothing where its output is no terminal", async () => {
    const name = `total_${"x".repeat(60)}`;
    const transform = '(rows) => rows.groupBy("origin").aggregate(({ delay }) => ({ total: delay.sum() }))';
    await using project = await Project.create({ "definitions.ts": definitionsOf(name, transform), "data/flights.csv": flightsCsv });
    await project.run(["build"]);
    const { stdout } = await project.run(["build", "--force"]);
    expect(stdout).toMatch(new RegExp(`^${name}  1\\.0\\.1 .*  nothing changed; the build was forced$`, "m"));
  });

  it.each([
    ["--features route_total", ["build", "--features", "route_total"], ["route_total"]],
    ["--features with commas", ["build", "--features", "route_total, airport_total"], ["route_total", "airport_total"]],
    ["--features given twice", ["build", "--features", "route_total", "--features", "airport_total"], ["route_total", "airport_total"]],
    ["--tags daily", ["build", "--tags", "daily"], ["route_total"]],
    ["--tags with commas", ["build", "--tags", "airport,daily"], ["airport_total", "route_total"]],
  ])("builds only what %s chooses", async (_, args, names) => {
    await using project = await Project.create(flightsProject);
    const { stdout } = await project.run([...args, "--json"]);
    expect(parseDocument(buildDocument, stdout).built.map(({ feature }) => feature)).toEqual(names);
  });

  it("publishes under the given version, and not again", async () => {
    await using project = await Project.create(flightsProject);
    const build = ["build", "--features", "airport_total", "--version", "3.0.0", "--json"];
    const first = await project.run(build);
    expect(parseDocument(buildDocument, first.stdout).built).toMatchObject([{ version: "3.0.0", change: "initial" }]);
    const second = await project.run(build);
    expect(second.exitCode).toBe(1);
    const { failed } = parseDocument(buildDocument, second.stdout);
    expect(failed).toMatchObject([{ feature: "airport_total", error: { code: "VERSION_EXISTS" } }]);
    expect(second.stderr).toContain("[VERSION_EXISTS]");
  });

  it("builds what did not change with --force", async () => {
    await using project = await Project.create(flightsProject);
    await project.run(["build"]);
    const { stdout } = await project.run(["build", "--force", "--json"]);
    expect(parseDocument(buildDocument, stdout).built.map(({ version, change }) => [version, change])).toEqual([
      ["1.0.1", "patch"],
      ["1.0.1", "patch"],
    ]);
  });

  it.each([
    ["a version that is none", ["--version", "1.0"], "VERSION_INVALID", '"1.0" is not a version; write three numbers, for example 2.0.0'],
    ["an unknown feature", ["--features", "airport_totals"], "NAME_UNKNOWN", 'did you mean "airport_total"?'],
    ["an unknown tag", ["--tags", "dayly"], "NAME_UNKNOWN", 'did you mean "daily"?'],
    [
      "features together with tags",
      ["--features", "airport_total", "--tags", "daily"],
      "USAGE_INVALID",
      "pass either features or tags, not both",
    ],
  ])("ends with 2 for %s, and builds nothing", async (_, args, code, told) => {
    await using project = await Project.create(flightsProject);
    const { exitCode, stdout, stderr } = await project.run(["build", ...args, "--json"]);
    expect(exitCode).toBe(2);
    expect(parseDocument(errorDocument, stdout).error).toEqual({ code, message: expect.stringContaining(told) });
    expect(stderr).toContain(told);
    expect(await readdir(project.path)).not.toContain("feature_store");
  });

  it("ends with 1 where one feature fails, and builds the others", async () => {
    await using project = await Project.create({ ...flightsProject, "data/flights.csv": `${flightsCsv}2001-01-03 06:00:00,SEA,,1\n` });
    const { exitCode, stdout, stderr } = await project.run(["build", "--json"]);
    expect(exitCode).toBe(1);
    const { built, failed } = parseDocument(buildDocument, stdout);
    expect(built.map(({ feature }) => feature)).toEqual(["airport_total"]);
    expect(failed).toMatchObject([{ feature: "route_total", error: { code: "KEY_VIOLATION" } }]);
    expect(stderr).toContain(`error: route_total: ${failed[0]?.error.message} [KEY_VIOLATION]\n`);
  });

  it("names the column that does not exist, and the nearest one", async () => {
    const transform = '(rows) => rows.groupBy("origin").aggregate(({ dealy }) => ({ total: dealy.sum() }))';
    await using project = await Project.create({ "definitions.ts": definitionsOf("total", transform), "data/flights.csv": flightsCsv });
    const { exitCode, stderr } = await project.run(["build"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('did you mean "delay"?');
  });

  it("says where it looked for a source that is missing", async () => {
    await using project = await Project.create({ "definitions.ts": flightsDefinitions });
    const { exitCode, stdout, stderr } = await project.run(["build", "--features", "airport_total"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: airport_total: .*data\/flights\.csv.* \[SOURCE_NOT_FOUND\]\n$/);
    expect(stdout).toContain("failed");
    expect(stdout).toMatch(/0 built, 0 skipped, 1 failed in \d+\.\d s\n$/);
  });

  it("fails on metadata that was cut off", async () => {
    await using project = await Project.create(flightsProject);
    await project.run(["build"]);
    await writeFile(join(project.path, "feature_store/airport_total/1.0.0/.meta.json"), '{ "name": "airp');
    const { exitCode, stdout } = await project.run(["build", "--json"]);
    expect(exitCode).toBe(1);
    const { skipped, failed } = parseDocument(buildDocument, stdout);
    expect(failed).toMatchObject([{ feature: "airport_total", error: { code: "METADATA_INVALID" } }]);
    expect(skipped).toMatchObject([{ feature: "route_total" }]);
  });

  it("fails where the store is a file", async () => {
    await using project = await Project.create({ ...flightsProject, feature_store: "in the way" });
    const { exitCode, stdout, stderr } = await project.run(["build", "--json"]);
    expect(exitCode).toBe(1);
    expect(parseDocument(buildDocument, stdout).failed).toHaveLength(2);
    expect(stderr).not.toContain("bug in mlforge");
  });

  it.each([
    ["a pipe", [], {}, false],
    ["FORCE_COLOR", [], { FORCE_COLOR: "1" }, true],
    ["NO_COLOR", [], { FORCE_COLOR: "1", NO_COLOR: "1" }, false],
    ["an empty NO_COLOR", [], { FORCE_COLOR: "1", NO_COLOR: "" }, true],
    ["--no-color", ["--no-color"], { FORCE_COLOR: "1" }, false],
    ["FORCE_COLOR=0", [], { FORCE_COLOR: "0" }, false],
  ])("writes colours or none for %s", async (_, args, env, isColored) => {
    await using project = await Project.create({});
    for (const line of [
      [...args, "build"],
      ["build", ...args],
    ]) {
      const { stderr } = await project.run(line, { env });
      expect(stderr).toContain("[DEFINITIONS_NOT_LOADED]");
      expect(stderr.includes("\u001b[")).toBe(isColored);
    }
  });

  it.each([
    ["what to do next", "This is a bug in mlforge or a plugin. Set MLFORGE_DEBUG=1 to see the stack.\n", {}],
    ["the stack with MLFORGE_DEBUG=1", "at LocalStore.locate", { MLFORGE_DEBUG: "1" }],
  ])("tells a fault from an error: %s", async (_, told, env) => {
    const broken = 'defs.offlineStore.locate = function locate() { throw new Error("no such method"); };';
    await using project = await Project.create({ ...flightsProject, "definitions.ts": `${flightsDefinitions}\n${broken}` });
    const { exitCode, stdout, stderr } = await project.run(["build", "--json"], { env });
    expect(exitCode).toBe(1);
    const fault = { code: "UNEXPECTED", message: "no such method" };
    expect(parseDocument(buildDocument, stdout).failed).toEqual([
      { feature: "airport_total", error: fault },
      { feature: "route_total", error: fault },
    ]);
    expect(stderr).toContain("error: airport_total: no such method [UNEXPECTED]\n");
    expect(stderr).toContain(told);
  });

  it("prints one document, also where closing the store fails afterwards", async () => {
    const fault = 'defs.offlineStore[Symbol.asyncDispose] = () => Promise.reject(new Error("cannot close"));';
    await using project = await Project.create({ ...flightsProject, "definitions.ts": `${flightsDefinitions}\n${fault}` });
    const { exitCode, stdout, stderr } = await project.run(["build", "--json"]);
    expect(exitCode).toBe(1);
    expect(parseDocument(buildDocument, stdout).built).toHaveLength(2);
    expect(stderr).toContain("error: cannot close [UNEXPECTED]\n");
  });

  it("says in one line that its result cannot be written", async () => {
    await using project = await Project.create(flightsProject);
    await project.run(["build"]);
    // Files may have no bytes from here on, as on a volume that is full.
    const command = project.start(["build"], { through: ["sh", "-c", 'ulimit -f 0 && exec "$0" "$@" > result.txt'] });
    expect(await outcomeOf(command)).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: expect.stringMatching(/^(skipped .*\n){2}error: cannot write the result to stdout: EFBIG.*\n$/),
    });
  });

  it.each([[["list", "features", "--json"]], [["--help"]]])(
    "ends quietly when the reader of its output has seen enough of %j",
    async (args) => {
      await using project = await Project.create(flightsProject);
      const child = project.start(args);
      child.stdout.destroy();
      let stderr = "";
      child.stderr.on("data", (text) => {
        stderr += String(text);
      });
      const exitCode = await new Promise((resolve) => child.on("close", resolve));
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    },
  );
});
