import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { verifyDocument } from "./documents/verify.js";
import { errorDocument, parseDocument } from "./documents.js";
import { definitionsOf, flightsProject } from "./flights.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

let project: Project;
let data: string;
let rows: Buffer;

beforeAll(async () => {
  project = await Project.create(flightsProject);
  await project.run(["build"]);
  data = join(project.path, "feature_store/airport_total/1.0.0/data.parquet");
  rows = await readFile(data);
});
afterAll(() => project[Symbol.asyncDispose]());
beforeEach(async () => {
  await writeFile(data, rows);
});

describe("mlforge verify", () => {
  it("ends with 0 and one line where the store is sound", async () => {
    const { exitCode, stdout, stderr } = await project.run(["verify"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^OK: 2 versions of 2 features, 10 files, [\d.]+ KB, in \d+\.\d s\n$/);
    expect((await project.run(["verify", "--quick"])).stdout).toMatch(/^OK: .*, sizes of data only, in \d+\.\d s\n$/);
  });

  it("ends with 1 and says what is wrong and how to fix it", async () => {
    const altered = Buffer.from(rows);
    altered.writeUInt8(altered.readUInt8(100) ^ 16, 100);
    await writeFile(data, altered);
    const { exitCode, stdout, stderr } = await project.run(["verify"]);
    expect(exitCode).toBe(1);
    const key = "airport_total/1.0.0/data.parquet";
    expect(stdout.split("\n").slice(0, 4)).toEqual([
      `${key}  data-hash`,
      expect.stringMatching(/^ {2}its SHA-256 is [0-9a-f]{64} instead of [0-9a-f]{64}$/),
      "  If its version is latest, rebuild it: mlforge sync --verify --features airport_total. Otherwise restore it from a backup, or publish a new version: mlforge build --force --features airport_total",
      "",
    ]);
    expect(stdout).toMatch(/\n1 problem in 2 versions of 2 features/);
    expect(stderr).toBe("error: found 1 problem in the store, each listed with its fix\n");
    expect((await project.run(["verify", "--quick"])).exitCode).toBe(0);
    expect((await project.run(["verify", "--features", "route_total"])).exitCode).toBe(0);
  });

  it("prints the same as one document, in full, quickly, and of some features", async () => {
    await appendFile(data, "more");
    const found = await project.run(["verify", "--json"]);
    expect(found.exitCode).toBe(1);
    const report = parseDocument(verifyDocument, found.stdout);
    expect(report).toMatchObject({ features: 2, versions: 2, files: 10, notes: [] });
    expect(report.problems).toEqual([
      {
        kind: "data-size",
        feature: "airport_total",
        version: "1.0.0",
        key: "airport_total/1.0.0/data.parquet",
        message: `has ${rows.length + 4} bytes instead of ${rows.length}`,
        fix: "If its version is latest, rebuild it: mlforge sync --features airport_total. Otherwise restore it from a backup, or publish a new version: mlforge build --force --features airport_total",
      },
    ]);
    const quick = await project.run(["verify", "--json", "--quick"]);
    expect(parseDocument(verifyDocument, quick.stdout)).toEqual(report);
    const other = await project.run(["verify", "--json", "--features", "route_total"]);
    expect(other.exitCode).toBe(0);
    expect(parseDocument(verifyDocument, other.stdout)).toMatchObject({ features: 1, files: 5, problems: [] });
  });

  it("looks at features that are no longer defined, and refuses names that are nowhere", async () => {
    await using changed = await Project.create(flightsProject);
    await changed.run(["build"]);
    await changed.write({ "definitions.ts": definitionsOf("only", '(rows) => rows.groupBy("origin").aggregate(() => ({ n: count() }))') });
    expect((await changed.run(["verify"])).stdout).toMatch(/^OK: 2 versions of 2 features/);
    expect((await changed.run(["verify", "--features", "airport_total"])).stdout).toMatch(/^OK: 1 version of 1 feature,/);
    const { exitCode, stdout } = await changed.run(["verify", "--features", "airport_totl", "--json"]);
    expect(exitCode).toBe(2);
    expect(parseDocument(errorDocument, stdout).error.message).toContain('did you mean "airport_total"?');
    await rm(join(changed.path, "feature_store"), { recursive: true });
    expect((await changed.run(["verify"])).stdout).toMatch(/^OK: 0 versions of 0 features, 0 files, 0 B/);
  });

  it("shows no name that moves the cursor, and tells of a claim on stderr", async () => {
    await project.write({ "feature_store/airport_total/a\u001b[2J\n": "" });
    const claim = { feature: "airport_total", version: "1.0.1", commit_id: "x", claimed_by: "ada", claimed_at: new Date().toISOString() };
    await project.write({ "feature_store/airport_total/1.0.1/.claim.json": JSON.stringify(claim) });
    const { stdout, stderr } = await project.run(["verify"]);
    expect(stdout).toContain("airport_total/a\\u001b[2J\\u000a  stray\n");
    expect(stdout).toContain("airport_total/1.0.1/.claim.json  claim-invalid\n  it has no checksum\n");
    expect(stderr).toContain(
      "note: airport_total/1.0.1/.claim.json: the number is claimed but not yet published; a build may be running\n",
    );
    await rm(join(project.path, "feature_store/airport_total/a\u001b[2J\n"));
    await rm(join(project.path, "feature_store/airport_total/1.0.1"), { recursive: true });
  });
});
