import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ownerName } from "@mlforge/spec/ownership";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pruneDocument } from "./documents/prune.js";
import { verifyDocument } from "./documents/verify.js";
import { errorDocument, parseDocument } from "./documents.js";
import { flightsDefinitions, flightsProject } from "./flights.js";
import { type Outcome, Project, shareProcess } from "./project.js";

shareProcess();

const day = 24 * 60 * 60 * 1_000;

/** `airport_total` was built almost 59, 58, and 57 days ago, `route_total` never. */
let project: Project;
beforeEach(async () => {
  const clock = "now: () => new Date(process.env.NOW ?? Date.now()),";
  project = await Project.create({
    ...flightsProject,
    "definitions.ts": flightsDefinitions.replace('name: "flights",\n  features', `name: "flights",\n  ${clock}\n  features`),
  });
  for (const days of [59, 58, 57]) await run(["build", "--features", "airport_total", "--force"], almost(days));
});
afterEach(() => project[Symbol.asyncDispose]());

function almost(days: number): Date {
  return new Date(Date.now() - days * day + day / 24);
}

/** Runs a command at a time. Defaults to now, since a prune is refused if its clock is not that of the store. */
function run(args: readonly string[], at?: Date): Promise<Outcome> {
  return project.run(args, at === undefined ? {} : { env: { NOW: at.toISOString() } });
}

async function filesOf(version: string): Promise<string[]> {
  return (await readdir(join(project.path, "feature_store/airport_total", version))).sort();
}

describe("mlforge prune", () => {
  it("removes what killed processes left, which verify names", async () => {
    const ended = spawn(process.execPath, ["-e", ""]);
    await once(ended, "exit");
    const [boot, namespace, , start] = (await ownerName()).split(".");
    const name = `.mlforge-training-${boot}.${namespace}.${ended.pid}.${start}.x.partial`;
    await mkdir(join(project.path, "out"));
    await writeFile(join(project.path, "out", name), "text");

    const named = await run(["verify"]);
    expect(named).toMatchObject({ exitCode: 0 });
    expect(named.stderr).toBe(`note: out/${name}: left by a killed process (output); remove it with mlforge prune --yes\n`);
    const location = join(project.path, "out", name);
    expect(parseDocument(verifyDocument, (await run(["verify", "--json"])).stdout).leftovers).toEqual([{ kind: "output", location }]);

    const shown = await run(["prune"]);
    expect(shown.stdout.replace(/\s+/g, " ")).toContain(`LEFTOVER KIND WHAT`);
    expect(shown.stdout).toContain("1 leftover of killed processes would be removed; run again with --yes to remove");
    const done = await run(["prune", "--yes", "--json"]);
    expect(parseDocument(pruneDocument, done.stdout).leftovers).toEqual([{ kind: "output", location, removed: true }]);
    expect(await readdir(join(project.path, "out"))).toEqual([]);
    expect((await run(["prune"])).stdout).toMatch(/nothing to remove\n$/);
  });

  it("shows what would go, why the others stay, and how to do it; --yes does it", async () => {
    const shown = await run(["prune", "--keep", "1"]);
    expect(shown).toMatchObject({ exitCode: 0, stderr: "" });
    expect(shown.stdout).toMatch(
      new RegExp(
        [
          "^FEATURE +VERSION +WHAT +SIZE +WHY",
          "airport_total +1\\.0\\.0 +would be removed +\\S+ K?B +not among the newest 1, older than 30d",
          "airport_total +1\\.0\\.1 +would be removed +\\S+ K?B +not among the newest 1, older than 30d",
          "airport_total +1\\.0\\.2 +kept +latest, among the newest 1",
          "",
          "not pruned because they have no latest version: route_total",
          "",
          "2 versions, \\S+ K?B would be removed; run again with --yes to remove\n$",
        ].join("\n"),
      ),
    );
    expect(await filesOf("1.0.0")).toEqual([".claim.json", ".meta.json", "data.parquet"]);

    const done = await run(["prune", "--keep", "1", "--yes", "--json"]);
    expect(done).toMatchObject({ exitCode: 0, stderr: "" });
    expect(parseDocument(pruneDocument, done.stdout)).toMatchObject({
      dry_run: false,
      keep: 1,
      older_than: "30d",
      locks: [],
      features: [
        {
          feature: "airport_total",
          latest: "1.0.2",
          removed: [
            { version: "1.0.0", because: "old" },
            { version: "1.0.1", because: "old" },
          ],
          kept: [{ version: "1.0.2", because: ["latest", "newest"] }],
        },
        { feature: "route_total", latest: null, removed: [], kept: [] },
      ],
      failed: [],
    });
    expect(await filesOf("1.0.0")).toEqual([".claim.json"]);
    expect((await run(["prune", "--keep", "1", "--yes", "--features", "airport_total"])).stdout).toMatch(/\n\nnothing to remove\n$/);

    const read = await run(["preview", "airport_total", "--version", "1.0.0", "--json"]);
    expect(read.exitCode).toBe(1);
    expect(parseDocument(errorDocument, read.stdout).error).toMatchObject({
      code: "VERSION_NOT_FOUND",
      message: 'version 1.0.0 of feature "airport_total" was pruned; known versions: 1.0.2',
    });
    expect((await run(["rollback", "airport_total", "1.0.1"])).stderr).toContain("was pruned");
    expect((await run(["build", "--features", "airport_total", "--version", "1.0.1"])).exitCode).toBe(1);
    expect((await run(["log", "airport_total"])).stdout).toMatch(/ 4 +\S+ \S+ +1\.0\.2 +latest +prune +\S+ +removed 1\.0\.0, 1\.0\.1\n/);
  });

  it("keeps five unless told, and what is not old", async () => {
    expect((await run(["prune"])).stdout).toContain("nothing to remove");
    for (const [age, removed] of [
      ["57d", ["1.0.0", "1.0.1"]],
      ["58d", ["1.0.0"]],
      ["59d", []],
    ] as const) {
      const { stdout } = await run(["prune", "--keep", "0", "--older-than", age, "--json"]);
      expect(parseDocument(pruneDocument, stdout).features[0]?.removed.map(({ version }) => version)).toEqual(removed);
    }
  });

  it("keeps what is pinned, and what lock files name: those of the project by themselves", async () => {
    await mkdir(join(project.path, "models"));
    await writeFile(join(project.path, "labels.csv"), "origin\nSEA\n");
    const make = ["training-data", "--labels", "labels.csv", "--out", "train.parquet"];
    const made = await run([...make, "--features", "airport_total@1.0.0", "--lock", "models/train.lock"]);
    expect(made.exitCode).toBe(0);
    await writeFile(join(project.path, "yarn.lock"), "# yarn lockfile v1\n");

    const lock = join(project.path, "models/train.lock");
    const { stdout } = await run(["prune", "--keep", "1", "--json"]);
    expect(parseDocument(pruneDocument, stdout)).toMatchObject({
      locks: [lock],
      features: [
        {
          removed: [{ version: "1.0.1" }],
          kept: [
            { version: "1.0.0", because: ["locked"] },
            { version: "1.0.2", because: ["latest", "newest"] },
          ],
        },
        {},
      ],
    });
    expect((await run(["prune", "--keep", "1"])).stdout).toContain("\nlock files: models/train.lock\n");
    const pinned = await run([
      "prune",
      "--keep",
      "1",
      "--pin",
      "airport_total@1.0.1",
      "--pin",
      "route_total@^2.0",
      "--lock",
      "models/train.lock",
    ]);
    expect(pinned.stdout).toMatch(/airport_total +1\.0\.1 +kept +pinned\n/);
    expect(pinned.stdout).toMatch(/nothing to remove\n$/);

    // One that is ours and torn stops it: what it names must not be lost.
    await writeFile(lock, '{ "lock_version": 1, "feat');
    expect(await run(["prune", "--keep", "1", "--yes"])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("[LOCK_MISMATCH]") });
    expect(await filesOf("1.0.0")).toContain("data.parquet");
  });

  it("removes what a build that died has left", async () => {
    const claimed = join(project.path, "feature_store/airport_total/1.0.3");
    await mkdir(claimed);
    await writeFile(join(claimed, ".claim.json"), "{}");
    await writeFile(join(claimed, "data.parquet"), "half");
    expect((await run(["prune", "--yes"])).stdout).toContain("nothing to remove");
    for (const name of ["data.parquet", ".claim.json"]) await utimes(join(claimed, name), almost(59), almost(59));
    const { stdout } = await run(["prune", "--yes"]);
    expect(stdout).toMatch(/airport_total +1\.0\.3 +removed +4 B +left by a build that died\n/);
    expect(await filesOf("1.0.3")).toEqual([".claim.json"]);
  });

  it("goes on where a feature fails, and ends with 1", async () => {
    await run(["build", "--features", "route_total"], almost(59));
    await writeFile(join(project.path, "feature_store/airport_total/_latest.json"), "{");
    const { exitCode, stdout, stderr } = await run(["prune", "--json"]);
    expect(exitCode).toBe(1);
    expect(parseDocument(pruneDocument, stdout)).toMatchObject({
      features: [{ feature: "route_total", latest: "1.0.0" }],
      failed: [{ feature: "airport_total", error: { code: "METADATA_INVALID" } }],
    });
    expect(stderr).toContain("[METADATA_INVALID]");
    await rm(join(project.path, "feature_store/airport_total/_latest.json"));
    expect(await run(["rollback", "airport_total", "1.0.2"])).toMatchObject({ exitCode: 0 });
    expect((await run(["prune"])).exitCode).toBe(0);
  });

  it.each([
    [["--keep", "-1"], "Expected a whole number of at least 0."],
    [["--older-than", "1mo"], "calendar unit"],
    [["--pin", "airport_total"], "does not pin a version"],
    [["--pin", "airport_total@new"], "[VERSION_INVALID]"],
    [["--features", "airport_totl"], "[NAME_UNKNOWN]"],
    [["--lock", "nowhere.lock"], "the lock file"],
  ])("ends with 2 for %j", async (args, told) => {
    const { exitCode, stderr } = await run(["prune", "--yes", ...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(told);
  });
});
