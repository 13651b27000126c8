import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logDocument } from "./documents/log.js";
import { releaseDocument } from "./documents/release.js";
import { rollbackDocument } from "./documents/rollback.js";
import { buildDocument, errorDocument, parseDocument } from "./documents.js";
import { flightsCsv, flightsProject } from "./flights.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

/** `airport_total` is built three times, `route_total` never. The tests go on from each other, as a person does. */
let project: Project;
beforeAll(async () => {
  project = await Project.create(flightsProject);
  for (const _ of [1, 2, 3]) await project.run(["build", "--features", "airport_total", "--force"]);
});
afterAll(() => project[Symbol.asyncDispose]());

async function moves(): Promise<string[]> {
  const { exitCode, stdout } = await project.run(["log", "airport_total", "--json"]);
  expect(exitCode).toBe(0);
  return parseDocument(logDocument, stdout).history.map(({ seq, kind, version, reason }) => `${seq} ${kind} ${version} ${reason}`);
}

describe("mlforge rollback, release and log", () => {
  it("tries a rollback dry", async () => {
    const { exitCode, stdout, stderr } = await project.run(["rollback", "airport_total", "1.0.0", "--dry-run", "--json"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(parseDocument(rollbackDocument, stdout)).toEqual({
      feature: "airport_total",
      from: "1.0.2",
      to: "1.0.0",
      moved: true,
      held: false,
      dry_run: true,
    });
    expect((await project.run(["rollback", "airport_total", "1.0.0", "--dry-run"])).stdout).toBe(
      "airport_total: 1.0.0 would be latest (before: 1.0.2); nothing was changed; to roll back, drop --dry-run\n",
    );
    expect(await moves()).toHaveLength(3);
  });

  it("rolls back to a version, and to the previous one and back", async () => {
    const { stdout } = await project.run(["rollback", "airport_total", "1.0.0", "--reason", "too many flights"]);
    expect(stdout).toBe(
      "airport_total: 1.0.0 is now latest (before: 1.0.2)\nthe next build with a change makes its version latest; use --hold to prevent that\n",
    );
    for (const to of ["1.0.2", "1.0.0"]) {
      const previous = await project.run(["rollback", "airport_total", "--previous", "--json"]);
      expect(parseDocument(rollbackDocument, previous.stdout)).toMatchObject({ to, moved: true, dry_run: false });
    }
    expect((await moves()).slice(0, 3)).toEqual(["6 rollback 1.0.0 ", "5 rollback 1.0.2 ", "4 rollback 1.0.0 too many flights"]);
  });

  it("says that there is nothing to do", async () => {
    expect(await project.run(["rollback", "airport_total", "1.0.0"])).toEqual({
      exitCode: 0,
      stdout: "airport_total: 1.0.0 is already latest; nothing was changed\n",
      stderr: "",
    });
    expect(await project.run(["release", "airport_total"])).toEqual({
      exitCode: 0,
      stdout: "airport_total: not held, 1.0.0 is latest; nothing was changed\n",
      stderr: "",
    });
  });

  it("holds a version, which builds leave as it is, and releases it", async () => {
    const held = await project.run(["rollback", "airport_total", "1.0.0", "--hold", "--json"]);
    expect(parseDocument(rollbackDocument, held.stdout)).toMatchObject({ from: "1.0.0", to: "1.0.0", moved: true, held: true });
    await project.write({ "data/flights.csv": `${flightsCsv}2001-01-03 06:00:00,SEA,SFO,7\n` });
    const build = async () => parseDocument(buildDocument, (await project.run(["build", "--features", "airport_total", "--json"])).stdout);
    expect((await build()).built).toMatchObject([{ version: "1.0.3", reason: expect.stringContaining("held at 1.0.0") }]);
    expect((await build()).skipped).toMatchObject([{ version: "1.0.3", reason: expect.stringContaining("held at 1.0.0") }]);

    expect((await project.run(["log", "airport_total"])).stdout).toMatch(
      /^held at 1\.0\.0: builds are published but do not become latest until mlforge release airport_total\n\nSEQ +WHEN +VERSION +WHAT +WHO +WHY\n +7 +\S+ \S+Z +1\.0\.0 +latest +hold +\S+\n +6 +\S+ \S+Z +1\.0\.0 +rollback +\S+\n/,
    );
    const released = await project.run(["release", "airport_total", "--reason", "mended", "--json"]);
    expect(parseDocument(releaseDocument, released.stdout)).toEqual({ feature: "airport_total", version: "1.0.0", released: true });
    expect((await build()).skipped).toMatchObject([{ version: "1.0.3", reason: expect.stringContaining("it is now latest") }]);
    expect((await moves()).slice(0, 2)).toEqual([
      "9 build 1.0.3 published by an earlier build, which did not make it latest",
      "8 release 1.0.0 mended",
    ]);
  });

  it("shows that nothing was built", async () => {
    const { exitCode, stdout, stderr } = await project.run(["log", "route_total", "--json"]);
    expect(exitCode).toBe(0);
    expect(parseDocument(logDocument, stdout)).toEqual({ feature: "route_total", latest: null, held: false, pruned: [], history: [] });
    expect(stderr).toBe("route_total was never built; run mlforge build --features route_total\n");
  });

  it.each([
    ["neither a version nor --previous", ["rollback", "airport_total"], 2, "USAGE_INVALID"],
    ["a version and --previous", ["rollback", "airport_total", "1.0.0", "--previous"], 2, "USAGE_INVALID"],
    ["a version that is none", ["rollback", "airport_total", "1.0"], 2, "VERSION_INVALID"],
    ["a feature that is not defined", ["rollback", "airport_totl", "1.0.0"], 2, "NAME_UNKNOWN"],
    ["a version that was never published", ["rollback", "airport_total", "9.0.0"], 1, "VERSION_NOT_FOUND"],
    ["no previous version", ["rollback", "route_total", "--previous"], 1, "VERSION_NOT_FOUND"],
    ["a release of what was never built", ["release", "route_total"], 1, "VERSION_NOT_FOUND"],
    ["a log of a feature that is not defined", ["log", "nothing"], 2, "NAME_UNKNOWN"],
  ])("ends with its code for %s", async (_, args, code, error) => {
    const { exitCode, stdout } = await project.run([...args, "--json"]);
    expect(exitCode).toBe(code);
    expect(parseDocument(errorDocument, stdout).error.code).toBe(error);
  });

  it("ends with 1 for a version whose data is missing", async () => {
    await rm(join(project.path, "feature_store/airport_total/1.0.1/data.parquet"));
    const { exitCode, stderr } = await project.run(["rollback", "airport_total", "1.0.1"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("[DATA_CORRUPT]");
  });
});
