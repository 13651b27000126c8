import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describeWith } from "@mlforge/test-servers";
import { describe, expect, it } from "vitest";
import { doctorDocument } from "./documents/doctor.js";
import { logDocument } from "./documents/log.js";
import { manifestDocument } from "./documents/manifest.js";
import { pruneDocument } from "./documents/prune.js";
import { releaseDocument } from "./documents/release.js";
import { rollbackDocument } from "./documents/rollback.js";
import { syncDocument } from "./documents/sync.js";
import { verifyDocument } from "./documents/verify.js";
import { buildDocument, parseDocument, validateDocument, versionsDocument } from "./documents.js";
import { flightsDefinitions, flightsProject } from "./flights.js";
import { Project } from "./project.js";
import { openS3Project, type StoredProject } from "./s3-project.js";

/** The same project, with its versions in a folder. */
async function openLocalProject(): Promise<StoredProject> {
  const project = await Project.create(flightsProject);
  return {
    project,
    run: (args) => project.run(args),
    define: (edit) => project.write({ "definitions.ts": edit(flightsDefinitions) }),
    remove: (key) => rm(join(project.path, "feature_store", key)),
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
}

/** A day with a store, command by command, each a process of its own. */
async function workflow(open: () => Promise<StoredProject>): Promise<void> {
  await using opened = await open();
  const { run } = opened;
  /** The exit code and the document of a command. */
  const json = async <S extends Parameters<typeof parseDocument>[0]>(schema: S, exitCode: number, ...args: readonly string[]) => {
    const outcome = await run([...args, "--json"]);
    expect({ args, exitCode: outcome.exitCode, stderr: exitCode === 0 ? "" : outcome.stderr }).toEqual({
      args,
      exitCode,
      stderr: exitCode === 0 ? "" : expect.stringContaining("error:"),
    });
    return parseDocument(schema, outcome.stdout);
  };
  const first = "airport_total";

  expect((await json(buildDocument, 0, "build")).built.map(({ version }) => version)).toEqual(["1.0.0", "1.0.0"]);
  await opened.define((text) => text.replace("flights: count(), ", "flights: count(), worst: delay.max(), "));
  expect((await json(validateDocument, 0, "validate", "--features", first)).validated).toHaveLength(1);
  expect((await json(buildDocument, 0, "build")).built.map(({ version, change }) => [version, change])).toEqual([["1.1.0", "minor"]]);

  const back = ["rollback", first, "--previous", "--hold", "--reason", "worst is wrong"];
  const rolled = { feature: first, from: "1.1.0", to: "1.0.0", moved: true, held: true };
  expect(await json(rollbackDocument, 0, ...back, "--dry-run")).toEqual({ ...rolled, dry_run: true });
  expect(await json(rollbackDocument, 0, ...back)).toEqual({ ...rolled, dry_run: false });
  const other = await run(["rollback", first, "9.9.9", "--json"]);
  expect([other.exitCode, JSON.parse(other.stdout)]).toMatchObject([1, { error: { code: "VERSION_NOT_FOUND" } }]);

  await opened.define((text) => text.replace("flights: count(), ", "flights: count(), least: delay.min(), "));
  const [held] = (await json(buildDocument, 0, "build")).built;
  expect(held).toMatchObject({ version: "1.2.0", reason: expect.stringContaining("held at 1.0.0") });
  expect((await json(versionsDocument, 0, "list", "versions", first)).latest).toBe("1.0.0");
  expect(await json(releaseDocument, 0, "release", first)).toEqual({ feature: first, version: "1.0.0", released: true });
  // The build after it makes latest what was published meanwhile, and computes nothing.
  expect((await json(buildDocument, 0, "build")).skipped[0]).toMatchObject({ feature: first, version: "1.2.0" });
  const log = await json(logDocument, 0, "log", first);
  expect(log.history.map(({ kind, version }) => [kind, version])).toEqual([
    ["build", "1.2.0"],
    ["release", "1.0.0"],
    ["rollback", "1.0.0"],
    ["build", "1.1.0"],
    ["build", "1.0.0"],
  ]);
  expect(log.history[2]?.reason).toBe("worst is wrong");

  expect((await json(verifyDocument, 0, "verify")).problems).toEqual([]);
  await opened.remove(`${first}/1.2.0/data.parquet`);
  expect((await json(verifyDocument, 1, "verify", "--quick")).problems).toMatchObject([
    { kind: "data-missing", key: `${first}/1.2.0/data.parquet`, fix: expect.stringContaining("mlforge sync") },
  ]);
  expect((await json(syncDocument, 0, "sync", "--dry-run")).missing).toMatchObject([{ feature: first, version: "1.2.0" }]);
  expect((await json(syncDocument, 0, "sync")).synced).toMatchObject([{ feature: first, version: "1.2.0" }]);

  const prune = ["prune", "--keep", "1", "--older-than", "1s", "--features", first];
  const gone = ["1.0.0", "1.1.0"];
  const removedOf = ({ features }: ReturnType<typeof parseDocument<typeof pruneDocument>>) =>
    features.flatMap(({ removed }) => removed.map(({ version }) => version));
  expect(removedOf(await json(pruneDocument, 0, ...prune))).toEqual(gone);
  expect((await json(versionsDocument, 0, "list", "versions", first)).versions).toHaveLength(3);
  expect(removedOf(await json(pruneDocument, 0, ...prune, "--yes"))).toEqual(gone);
  expect((await json(versionsDocument, 0, "list", "versions", first)).versions.map(({ version }) => version)).toEqual(["1.2.0"]);
  expect((await json(verifyDocument, 0, "verify")).problems).toEqual([]);

  const manifest = await json(manifestDocument, 0, "manifest", "--write");
  expect(manifest.features.map(({ name, latest, versions }) => [name, latest, versions.length])).toEqual([
    [first, "1.2.0", 1],
    ["route_total", "1.0.0", 1],
  ]);
  expect((await json(verifyDocument, 0, "verify")).problems).toEqual([]);
  expect((await json(doctorDocument, 0, "doctor")).store).toMatchObject({ passed: true });
}

describe("a day with a store", () => {
  it("in a folder", () => workflow(openLocalProject), 120_000);
});

describeWith("moto", "a day with a store", () => {
  it("in S3", () => workflow(openS3Project), 180_000);
});
