import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestDocument } from "./documents/manifest.js";
import { parseDocument } from "./documents.js";
import { flightsProject } from "./flights.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

let project: Project;
beforeAll(async () => {
  project = await Project.create(flightsProject);
});
afterAll(() => project[Symbol.asyncDispose]());

describe("mlforge manifest", () => {
  it("says that there is nothing yet", async () => {
    expect(await project.run(["manifest"])).toEqual({
      exitCode: 0,
      stdout: "the store has no features yet; run mlforge build\n",
      stderr: "",
    });
  });

  it("is a table of the features, and with --json everything", async () => {
    await project.run(["build"]);
    const { exitCode, stdout, stderr } = await project.run(["manifest"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const [head, ...rows] = stdout
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/ {2,}/));
    expect(head).toEqual(["FEATURE", "LATEST", "VERSIONS", "ROWS", "SIZE", "UPDATED"]);
    expect(rows.map((row) => row.slice(0, 4))).toEqual([
      ["airport_total", "1.0.0", "1", "2"],
      ["route_total", "1.0.0", "1", "4"],
    ]);
    const found = parseDocument(manifestDocument, (await project.run(["manifest", "--json"])).stdout);
    expect(found.store).toEqual({ name: "local", url: `${pathToFileURL(join(project.path, "feature_store")).href}/` });
    expect(found.features.map(({ name, latest, held, versions, broken }) => [name, latest, held, versions.length, broken])).toEqual([
      ["airport_total", "1.0.0", false, 1, []],
      ["route_total", "1.0.0", false, 1, []],
    ]);
    const [version] = found.features[0]?.versions ?? [];
    expect(version).toMatchObject({ rows: 2, change: "initial", keys: ["origin"], path: "airport_total/1.0.0/data.parquet" });
    expect(version?.columns.map(({ name }) => name)).toEqual(["origin", "flights", "total_delay"]);
  });

  it("is written into the store, which stays sound, and which has no feature of that name", async () => {
    const { exitCode, stdout, stderr } = await project.run(["manifest", "--write", "--json"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: `written to ${join("feature_store", "manifest.json")}\n` });
    const printed = parseDocument(manifestDocument, stdout);
    const written: unknown = JSON.parse(await readFile(join(project.path, "feature_store/manifest.json"), "utf8"));
    const { checksum, ...document } = v.parse(v.looseObject({ checksum: v.string() }), written);
    expect(checksum).toMatch(/^[0-9a-f]{64}$/);
    expect(document).toEqual({ ...printed, store: { name: "local", url: "./" } });
    expect((await project.run(["verify"])).stdout).toMatch(/^OK: 2 versions of 2 features, 11 files/);
    const again = parseDocument(manifestDocument, (await project.run(["manifest", "--write", "--json"])).stdout);
    expect(again.features).toEqual(printed.features);
  });

  it("ends with 1 where something cannot be read, and lists it apart", async () => {
    const metadata = join(project.path, "feature_store/route_total/1.0.0/.meta.json");
    const pointer = join(project.path, "feature_store/airport_total/_latest.json");
    const whole = [await readFile(metadata), await readFile(pointer)] as const;
    await writeFile(metadata, whole[0].subarray(0, 50));
    await writeFile(pointer, whole[1].subarray(0, 50));
    const { exitCode, stdout, stderr } = await project.run(["manifest", "--json"]);
    expect(exitCode).toBe(1);
    const { features } = parseDocument(manifestDocument, stdout);
    expect(features).toMatchObject([
      {
        name: "airport_total",
        latest: null,
        versions: [{ version: "1.0.0" }],
        broken: [{ version: null, key: "airport_total/_latest.json" }],
      },
      { name: "route_total", latest: "1.0.0", versions: [], broken: [{ version: "1.0.0", key: "route_total/1.0.0/.meta.json" }] },
    ]);
    expect(stderr.match(/\[METADATA_INVALID\]/g)).toHaveLength(2);
    expect((await project.run(["manifest"])).stdout).toMatch(/airport_total .*1 broken\nroute_total .*1 broken\n$/);
    await writeFile(metadata, whole[0]);
    await writeFile(pointer, whole[1]);
  });
});
