import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  entitiesDocument,
  entityDocument,
  errorDocument,
  featureDocument,
  featuresDocument,
  parseDocument,
  sourceDocument,
  sourcesDocument,
  versionsDocument,
} from "./documents.js";
import { flightsDefinitions, flightsProject } from "./flights.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

/** `airport_total` is built twice, `route_total` never. */
let project: Project;
beforeAll(async () => {
  project = await Project.create(flightsProject);
  await project.run(["build", "--features", "airport_total"]);
  await project.run(["build", "--features", "airport_total", "--force"]);
});
afterAll(() => project[Symbol.asyncDispose]());

const airportTotal = {
  name: "airport_total",
  keys: ["origin"],
  entities: ["airport"],
  source: "flights",
  tags: ["airport"],
  description: "All delays of an airport",
};
const airport = { name: "airport", keys: ["origin"], from: null, description: "Where flights start" };
const flights = {
  name: "flights",
  paths: ["data/flights.csv"],
  format: { kind: "csv" },
  timestamp: "date",
  static: false,
  columns: [
    { name: "date", kind: "timestamp", nullable: true },
    { name: "origin", kind: "string", nullable: true },
    { name: "destination", kind: "string", nullable: true },
    { name: "delay", kind: "int64", nullable: true },
  ],
  partitions: [],
  description: null,
};

describe("mlforge list", () => {
  it("lists features", async () => {
    const { stdout, stderr } = await project.run(["list", "features", "--json"]);
    expect(parseDocument(featuresDocument, stdout).features).toMatchObject([
      airportTotal,
      { name: "route_total", entities: [], description: null },
    ]);
    expect(stderr).toBe("");
    expect((await project.run(["list", "features"])).stdout).toMatch(
      /^NAME +KEYS +SOURCE +TAGS +DESCRIPTION\nairport_total +origin +flights +airport +All delays.*\nroute_total +origin, destin.*\n$/,
    );
  });

  it("lists entities", async () => {
    const { stdout } = await project.run(["list", "entities", "--json"]);
    expect(parseDocument(entitiesDocument, stdout)).toEqual({ entities: [airport] });
    expect((await project.run(["list", "entities"])).stdout).toBe("NAME     KEYS    DESCRIPTION\nairport  origin  Where flights start\n");
  });

  it("lists sources", async () => {
    const { stdout } = await project.run(["list", "sources", "--json"]);
    expect(parseDocument(sourcesDocument, stdout)).toMatchObject({ sources: [flights] });
    expect((await project.run(["list", "sources"])).stdout).toBe(
      "NAME     FORMAT  TIMESTAMP  PATH              DESCRIPTION\nflights  csv     date       data/flights.csv\n",
    );
  });

  it("lists versions, lowest first", async () => {
    const { stdout } = await project.run(["list", "versions", "airport_total", "--json"]);
    const { feature, latest, versions } = parseDocument(versionsDocument, stdout);
    expect({ feature, latest }).toEqual({ feature: "airport_total", latest: "1.0.1" });
    expect(versions.map(({ version, change, rows }) => [version, change, rows])).toEqual([
      ["1.0.0", "initial", 2],
      ["1.0.1", "patch", 2],
    ]);
    expect((await project.run(["list", "versions", "airport_total"])).stdout).toMatch(
      /^VERSION +CHANGE +ROWS +SIZE +CREATED\n1\.0\.0 +initial +2 +.* [KM]?B +\S+ \S+Z\n1\.0\.1 +patch +2 +.*Z +latest\n$/,
    );
  });

  it("lists no versions of a feature that was never built", async () => {
    const { exitCode, stdout, stderr } = await project.run(["list", "versions", "route_total", "--json"]);
    expect(exitCode).toBe(0);
    expect(parseDocument(versionsDocument, stdout)).toEqual({ feature: "route_total", latest: null, versions: [], broken: [] });
    expect(stderr).toBe("route_total was never built; run mlforge build --features route_total\n");
  });
});

describe("a version whose metadata was cut off", () => {
  let damaged: Project;
  beforeAll(async () => {
    damaged = await Project.create(flightsProject);
    await damaged.run(["build", "--features", "airport_total"]);
    await damaged.run(["build", "--features", "airport_total", "--version", "2.0.2", "--force"]);
    await writeFile(join(damaged.path, "feature_store/airport_total/1.0.0/.meta.json"), '{ "name": "airp');
  });
  afterAll(() => damaged[Symbol.asyncDispose]());

  it("is listed as broken, beside those that are not", async () => {
    const { exitCode, stdout } = await damaged.run(["list", "versions", "airport_total", "--json"]);
    expect(exitCode).toBe(1);
    const { latest, versions, broken } = parseDocument(versionsDocument, stdout);
    expect([latest, versions.map(({ version }) => version)]).toEqual(["2.0.2", ["2.0.2"]]);
    expect(broken).toMatchObject([{ version: "1.0.0", error: { code: "METADATA_INVALID" } }]);
  });

  it("is a row of the table, with what is wrong on stderr", async () => {
    const { exitCode, stdout, stderr } = await damaged.run(["list", "versions", "airport_total"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^VERSION .*\n1\.0\.0 +broken\n2\.0\.2 +patch .* latest\n$/);
    expect(stderr).toMatch(/^error: 1\.0\.0: .*it is not JSON.* \[METADATA_INVALID\]\n$/);
  });

  it("does not keep a range from the versions it admits", async () => {
    const { exitCode, stdout } = await damaged.run(["inspect", "feature", "airport_total", "--version", "^2.0", "--json"]);
    expect(exitCode).toBe(0);
    expect(parseDocument(featureDocument, stdout).version).toBe("2.0.2");
    const { stderr } = await damaged.run(["inspect", "feature", "airport_total", "--version", "^1.0"]);
    expect(stderr).toContain("[METADATA_INVALID]");
    const { stderr: absent } = await damaged.run(["inspect", "feature", "airport_total", "--version", "^3.0"]);
    expect(absent).toContain('no version of feature "airport_total" is ^3.0; known versions: 2.0.2 [VERSION_NOT_FOUND]');
  });
});

describe("mlforge inspect", () => {
  it("shows a feature with its latest version", async () => {
    const { stdout } = await project.run(["inspect", "feature", "airport_total", "--json"]);
    expect(parseDocument(featureDocument, stdout)).toMatchObject({
      feature: "airport_total",
      version: "1.0.1",
      path: join(project.path, "feature_store/airport_total/1.0.1/data.parquet"),
      definition: airportTotal,
      metadata: { version: "1.0.1", row_count: 2 },
    });
    const { stdout: text } = await project.run(["inspect", "feature", "airport_total"]);
    expect(text).toMatch(/^change +patch: forced$/m);
    expect(text).toMatch(/^path +feature_store\/airport_total\/1\.0\.1\/data\.parquet$/m);
    expect(text).toMatch(/^flights +int64 +never$/m);
  });

  it.each([
    ["1.0.0", "1.0.0"],
    ["~1.0", "1.0.1"],
  ])("shows version %s of a feature", async (wanted, version) => {
    const { stdout } = await project.run(["inspect", "feature", "airport_total", "--version", wanted, "--json"]);
    expect(parseDocument(featureDocument, stdout)).toMatchObject({ version, metadata: { version } });
  });

  it("shows the definition of a feature that was never built", async () => {
    const { exitCode, stdout } = await project.run(["inspect", "feature", "route_total", "--json"]);
    expect(exitCode).toBe(0);
    expect(parseDocument(featureDocument, stdout)).toMatchObject({ version: null, path: null, metadata: null });
    expect(await project.run(["inspect", "feature", "route_total"])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("route_total"),
    });
  });

  it("shows an entity and a source", async () => {
    expect(parseDocument(entityDocument, (await project.run(["inspect", "entity", "airport", "--json"])).stdout)).toEqual(airport);
    expect(parseDocument(sourceDocument, (await project.run(["inspect", "source", "flights", "--json"])).stdout)).toMatchObject(flights);
    expect((await project.run(["inspect", "entity", "airport"])).stdout).toBe(
      "entity       airport\ndescription  Where flights start\nkeys         origin\n",
    );
    expect((await project.run(["inspect", "source", "flights"])).stdout).toMatch(/^delay +int64$/m);
  });

  it("shows that the rows of a source hold at any time", async () => {
    const definitions = flightsDefinitions
      .replace(
        "export const airportTotal",
        'const airports = source({ path: "data/airports.csv", columns: { origin: t.string() }, static: true });\nexport const airportTotal',
      )
      .replace("features: [", "labels: [airports], features: [");
    await using made = await Project.create({ ...flightsProject, "definitions.ts": definitions });
    const inspected = parseDocument(sourceDocument, (await made.run(["inspect", "source", "airports", "--json"])).stdout);
    expect(inspected).toMatchObject({ timestamp: null, static: true });
    const { stdout } = await made.run(["list", "sources", "--json"]);
    const listed = parseDocument(sourcesDocument, stdout).sources.map((source) => [source.name, source.static]);
    expect(listed).toEqual([
      ["flights", false],
      ["airports", true],
    ]);
    expect((await made.run(["inspect", "source", "airports"])).stdout).toBe(
      "source       airports\npath         data/airports.csv\nformat       csv\nstatic       yes\n\nCOLUMN  TYPE    NULLS\norigin  string\n",
    );
    expect((await made.run(["inspect", "source", "flights"])).stdout).not.toContain("static");
  });

  it("shows the columns out of folder names", async () => {
    const partitioned = flightsDefinitions.replace(
      'timestamp: "date",',
      'timestamp: "date", partitions: { dt: t.date({ nullable: false }), region: t.string() },',
    );
    await using made = await Project.create({ ...flightsProject, "definitions.ts": partitioned });
    expect(parseDocument(sourceDocument, (await made.run(["inspect", "source", "flights", "--json"])).stdout)).toEqual({
      ...flights,
      query: null,
      omitted: null,
      partitions: [
        { name: "dt", kind: "date", nullable: false },
        { name: "region", kind: "string", nullable: true },
      ],
    });
    expect((await made.run(["inspect", "source", "flights"])).stdout).toMatch(/^partitions +dt \(date, never null\), region \(string\)$/m);
  });

  it("shows what the key of an entity is made of", async () => {
    const route = `entity({ name: "route", joinKey: "route_id", from: { origin: t.string(), destination: t.string() } })`;
    const routes = flightsDefinitions
      .replace('keys: ["origin", "destination"]', `entities: [${route}]`)
      .replaceAll('"destination"', '"route_id"');
    await using made = await Project.create({ ...flightsProject, "definitions.ts": routes });
    const { stdout } = await made.run(["inspect", "entity", "route", "--json"]);
    const from = ["origin", "destination"].map((name) => ({ name, kind: "string" }));
    expect(parseDocument(entityDocument, stdout)).toEqual({ name: "route", keys: ["route_id"], from, description: null });
    const keys = "route_id from origin (string), destination (string)";
    expect((await made.run(["inspect", "entity", "route"])).stdout).toBe(`entity       route\nkeys         ${keys}\n`);
    expect((await made.run(["list", "entities"])).stdout).toContain("route_id from origin (string)");
    expect((await made.run(["build", "--features", "route_total"])).exitCode).toBe(0);
  });

  it.each([
    ["feature", "airport_totl", 'no feature is named "airport_totl"; did you mean "airport_total"?'],
    ["entity", "airprt", 'no entity is named "airprt"; did you mean "airport"?'],
    ["source", "flihgts", 'no source is named "flihgts"; did you mean "flights"?'],
  ])("ends with 2 for an unknown %s", async (what, name, message) => {
    const { exitCode, stdout, stderr } = await project.run(["inspect", what, name, "--json"]);
    expect(exitCode).toBe(2);
    expect(parseDocument(errorDocument, stdout)).toEqual({ error: { code: "NAME_UNKNOWN", message } });
    expect(stderr).toBe(`error: ${message} [NAME_UNKNOWN]\n`);
  });

  it("ends with 1 for a version that does not exist, and with 2 for one that is none", async () => {
    expect(await project.run(["inspect", "feature", "airport_total", "--version", "9.0.0"])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("[VERSION_NOT_FOUND]"),
    });
    expect(await project.run(["inspect", "feature", "airport_total", "--version", "new"])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("[VERSION_INVALID]"),
    });
  });

  it("ends with 1 for metadata that is no JSON", async () => {
    await using broken = await Project.create(flightsProject);
    await broken.run(["build"]);
    const metadata = join(broken.path, "feature_store/airport_total/1.0.0/.meta.json");
    await writeFile(metadata, '{ "name": "airp');
    for (const args of [
      ["inspect", "feature", "airport_total"],
      ["preview", "airport_total", "--version", "latest"],
    ]) {
      const { exitCode, stdout } = await broken.run([...args, "--json"]);
      expect(exitCode).toBe(1);
      expect(parseDocument(errorDocument, stdout).error.code).toBe("METADATA_INVALID");
    }
  });
});
