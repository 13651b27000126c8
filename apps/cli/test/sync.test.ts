import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { syncDocument } from "./documents/sync.js";
import { buildDocument, errorDocument, parseDocument } from "./documents.js";
import { flightsCsv, flightsProject } from "./flights.js";
import { Project, shareProcess } from "./project.js";
import { Terminal } from "./terminal.js";

shareProcess();

const execute = promisify(execFile);

/** The real git, with an author of its own. */
async function git(project: Project, ...args: readonly string[]): Promise<string> {
  const identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
  return (await execute("git", [...identity, ...args], { cwd: project.path })).stdout;
}

/** A repository in which two features were built and committed, without data. */
async function builtAndCommitted(): Promise<Project> {
  const project = await Project.create({ ...flightsProject, ".gitignore": "node_modules\n" });
  await rm(join(project.path, ".git"), { recursive: true });
  await git(project, "init", "--quiet", "--initial-branch=main");
  expect((await project.run(["build"])).exitCode).toBe(0);
  await git(project, "add", "--all");
  await git(project, "commit", "--quiet", "--message=features");
  return project;
}

async function cloneOf(project: Project): Promise<Project> {
  const clone = await Project.create({});
  await rm(join(clone.path, ".git"), { recursive: true });
  await git(clone, "init", "--quiet", "--initial-branch=main");
  await git(clone, "pull", "--quiet", project.path, "main");
  return clone;
}

const totals = ["airport_total", "route_total"];

async function sha256Of(project: Project, feature: string, version = "1.0.0"): Promise<string> {
  const bytes = await readFile(join(project.path, "feature_store", feature, version, "data.parquet"));
  return createHash("sha256").update(bytes).digest("hex");
}

describe("mlforge sync after a Git clone", () => {
  it("clears its line of progress before it shows the table", async () => {
    await using origin = await builtAndCommitted();
    await using clone = await cloneOf(origin);
    const { shown } = await new Terminal(clone, ["sync", "--dry-run"]).end();
    expect(shown).toMatch(/0 of 2: /);
    expect(shown).toContain("\u001b[1G\u001b[0KFEATURE ");
  });

  it("rebuilds exactly what was published, and leaves Git nothing to see", async () => {
    await using origin = await builtAndCommitted();
    expect(await git(origin, "ls-files", "feature_store")).not.toMatch(/data\.parquet|claim/);
    await using clone = await cloneOf(origin);

    const read = await clone.run(["preview", "airport_total", "--version", "latest", "--json"]);
    expect(read.exitCode).toBe(1);
    expect(parseDocument(errorDocument, read.stdout).error).toMatchObject({
      code: "DATA_CORRUPT",
      message: expect.stringContaining("mlforge sync"),
    });
    const build = parseDocument(buildDocument, (await clone.run(["build", "--json"])).stdout);
    expect(build.skipped.map(({ reason }) => reason)).toEqual(
      Array(2).fill("nothing changed; its data is missing here; run mlforge sync to rebuild it"),
    );

    const dry = await clone.run(["sync", "--dry-run", "--json"]);
    expect(dry.exitCode).toBe(0);
    const { missing, synced: none } = parseDocument(syncDocument, dry.stdout);
    expect(missing.map(({ feature, version, rows }) => [feature, version, rows])).toEqual([
      ["airport_total", "1.0.0", 2],
      ["route_total", "1.0.0", 4],
    ]);
    expect(none).toEqual([]);
    await expect(sha256Of(clone, "airport_total")).rejects.toThrow("ENOENT");

    const { exitCode, stdout, stderr } = await clone.run(["sync", "--json"]);
    expect(exitCode).toBe(0);
    expect(parseDocument(syncDocument, stdout).synced.map(({ feature, version }) => [feature, version])).toEqual(
      totals.map((name) => [name, "1.0.0"]),
    );
    expect(stderr).toContain("rebuilt airport_total 1.0.0: 2 rows in ");
    for (const name of totals) expect(await sha256Of(clone, name)).toBe(await sha256Of(origin, name));
    expect(await git(clone, "status", "--porcelain")).toBe("");
    const rows = async (project: Project): Promise<string> =>
      (await project.run(["preview", "route_total", "--version", "latest", "--rows", "10", "--json"])).stdout;
    expect(await rows(clone)).toBe(await rows(origin));

    const again = parseDocument(syncDocument, (await clone.run(["sync", "--json"])).stdout);
    expect(again.present.map(({ feature }) => feature)).toEqual(totals);
    expect(again.synced).toEqual([]);
  });

  it("refuses a source that has changed, and publishes a new version with --force, never another content under the old number", async () => {
    await using origin = await builtAndCommitted();
    await using clone = await cloneOf(origin);
    await writeFile(join(clone.path, "data/flights.csv"), flightsCsv.replace("SEA,SFO,5", "SEA,SFO,50"));

    for (const flags of [[], ["--dry-run"]]) {
      const refused = await clone.run(["sync", "--json", ...flags]);
      expect(refused.exitCode).toBe(1);
      const { failed, synced } = parseDocument(syncDocument, refused.stdout);
      expect(synced).toEqual([]);
      expect(failed.map(({ feature, error }) => [feature, error.code])).toEqual(totals.map((name) => [name, "SYNC_MISMATCH"]));
      expect(failed[0]?.error.message).toContain("its source data has changed since it was built (data/flights.csv)");
      expect(refused.stderr).toContain("mlforge sync --force");
    }
    expect(await git(clone, "status", "--porcelain")).toBe(" M data/flights.csv\n");

    const forced = await clone.run(["sync", "--force", "--json"]);
    expect(forced.exitCode).toBe(0);
    const { published } = parseDocument(syncDocument, forced.stdout);
    expect(published.map(({ feature, version, change }) => [feature, version, change])).toEqual(
      totals.map((name) => [name, "1.0.1", "patch"]),
    );
    await expect(sha256Of(clone, "airport_total", "1.0.0")).rejects.toThrow("ENOENT");
    expect(await git(clone, "status", "--porcelain", "--untracked-files=all", "feature_store")).toBe(
      totals.map((name) => ` M feature_store/${name}/_latest.json\n`).join("") +
        totals.map((name) => `?? feature_store/${name}/1.0.1/.meta.json\n`).join(""),
    );
  });

  it("refuses a definition that is another than the one that was built", async () => {
    await using origin = await builtAndCommitted();
    await using clone = await cloneOf(origin);
    const definitions = await readFile(join(clone.path, "definitions.ts"), "utf8");
    await writeFile(join(clone.path, "definitions.ts"), definitions.replace("flights: count(), ", ""));
    const { exitCode, stdout } = await clone.run(["sync", "--json"]);
    expect(exitCode).toBe(1);
    const { failed, synced } = parseDocument(syncDocument, stdout);
    expect(synced.map(({ feature }) => feature)).toEqual(["route_total"]);
    expect(failed[0]?.error.message).toContain("its definition has changed since it was built");
  });

  it("prints a table, and what to do next", async () => {
    await using origin = await builtAndCommitted();
    await using clone = await cloneOf(origin);
    expect((await clone.run(["sync", "--dry-run"])).stdout).toMatch(
      /\n2 to rebuild, 0 present, 0 failed in .+; run mlforge sync to rebuild them\n$/,
    );
    expect((await clone.run(["sync", "--features", "route_total"])).stdout).toMatch(
      /^FEATURE +VERSION +DATA +ROWS +SIZE +WHY\nroute_total +1\.0\.0 +rebuilt +4 +[\d.]+ \w+\n\n1 rebuilt, 0 published as new versions, 0 present, 0 failed in .+\n$/,
    );
  });
});

describe("mlforge sync of damaged data", () => {
  it("brings back what was cut short, and with --verify what has other bytes", async () => {
    await using project = await builtAndCommitted();
    const path = join(project.path, "feature_store/route_total/1.0.0/data.parquet");
    const sound = await sha256Of(project, "route_total");
    await truncate(path, 100);
    expect((await project.run(["sync"])).exitCode).toBe(0);
    expect(await sha256Of(project, "route_total")).toBe(sound);

    const bytes = await readFile(path);
    bytes[50] = (bytes[50] ?? 0) ^ 1;
    await writeFile(path, bytes);
    expect(parseDocument(syncDocument, (await project.run(["sync", "--json"])).stdout).synced).toEqual([]);
    const verified = parseDocument(syncDocument, (await project.run(["sync", "--verify", "--json"])).stdout);
    expect(verified.synced.map(({ feature }) => feature)).toEqual(["route_total"]);
    expect(await sha256Of(project, "route_total")).toBe(sound);
  });
});
