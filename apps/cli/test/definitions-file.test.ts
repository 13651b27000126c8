import { cp, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { buildDocument, errorDocument, featuresDocument, parseDocument } from "./documents.js";
import { flightsCsv, flightsDefinitions, flightsProject, imports } from "./flights.js";
import { type Outcome, Project, type RunOptions, shareProcess } from "./project.js";

shareProcess();

async function listFeatures(files: Readonly<Record<string, string>>, args: readonly string[] = [], options?: RunOptions): Promise<Outcome> {
  await using project = await Project.create(files);
  return await project.run(["list", "features", "--json", ...args], options);
}

const found = ["airport_total", "route_total"];

function namesOf({ stdout }: Outcome): string[] {
  return parseDocument(featuresDocument, stdout).features.map(({ name }) => name);
}

describe("the definitions file", () => {
  it.each(["definitions.ts", "definitions.mts", "definitions.js", "definitions.mjs", "src/definitions.ts", "src/definitions.mjs"])(
    "is found as %s",
    async (name) => {
      expect(namesOf(await listFeatures({ [name]: flightsDefinitions }))).toEqual(found);
    },
  );

  it("is found upwards, and its paths mean the same from a subfolder", async () => {
    await using project = await Project.create({ ...flightsProject, "notes/deep/readme.md": "" });
    const { exitCode, stdout } = await project.run(["build", "--json"], { cwd: "notes/deep" });
    expect(exitCode).toBe(0);
    expect(parseDocument(buildDocument, stdout).built.map(({ path }) => path)).toEqual(
      found.map((name) => join(project.path, `feature_store/${name}/1.0.0/data.parquet`)),
    );
  });

  it("in src has paths that start beside src", async () => {
    await using project = await Project.create({ "src/definitions.ts": flightsDefinitions, "data/flights.csv": flightsCsv });
    expect(await project.run(["build"], { cwd: "src" })).toMatchObject({ exitCode: 0 });
  });

  it("is not searched above the repository", async () => {
    const outcome = await listFeatures({ "definitions.ts": flightsDefinitions, "inner/.git": "gitdir: elsewhere" }, [], { cwd: "inner" });
    expect(outcome.exitCode).toBe(2);
    expect(parseDocument(errorDocument, outcome.stdout).error).toMatchObject({
      code: "DEFINITIONS_NOT_LOADED",
      message: expect.stringContaining("no definitions.ts or src/definitions.ts in"),
    });
  });

  it("may be named, and leaves the working directory as it is", async () => {
    await using project = await Project.create({ "elsewhere/flights.ts": flightsDefinitions, "data/flights.csv": flightsCsv });
    expect(await project.run(["build", "--definitions", "elsewhere/flights.ts"])).toMatchObject({ exitCode: 0 });
    expect(await project.run(["--definitions", "elsewhere/flights.ts", "build"])).toMatchObject({ exitCode: 0 });
    expect(await project.run(["build", "--definitions", "elsewhere/flight.ts"])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('the file "elsewhere/flight.ts" does not exist'),
    });
  });

  it("may import other files, wait at the top level, and use a default export", async () => {
    const outcome = await listFeatures({
      "definitions.ts": 'import { defs } from "./flights/all.js";\nexport default await Promise.resolve(defs);',
      "flights/all.ts": flightsDefinitions,
    });
    expect(namesOf(outcome)).toEqual(found);
  });

  it("may export the same Definitions twice", async () => {
    expect(
      namesOf(await listFeatures({ "definitions.ts": `${flightsDefinitions}\nexport { defs as again };\nexport default defs;` })),
    ).toEqual(found);
  });

  it("may use another installed copy of core", async () => {
    await using project = await Project.create({ "definitions.ts": flightsDefinitions });
    const packages = fileURLToPath(new URL("../../../packages/", import.meta.url));
    const scope = join(project.path, "node_modules/@mlforge");
    await rm(join(scope, "core"));
    for (const name of ["core", "spec"]) {
      await cp(join(packages, name, "dist"), join(scope, name, "dist"), { recursive: true });
      await cp(join(packages, name, "package.json"), join(scope, name, "package.json"));
    }
    await symlink(join(packages, "core/node_modules"), join(scope, "core/node_modules"), "junction");
    expect(namesOf(await project.run(["list", "features", "--json"]))).toEqual(found);
    expect(await project.run(["list", "versions", "airport_totals"])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('did you mean "airport_total"?'),
    });
  });

  it("may print: only the result reaches stdout", async () => {
    const outcome = await listFeatures({ "definitions.ts": `console.log("hello");\n${flightsDefinitions}` });
    expect(namesOf(outcome)).toEqual(found);
    expect(outcome.stderr).toBe("hello\n");
  });

  it("leaves nothing open that keeps a command alive", async () => {
    expect(namesOf(await listFeatures({ "definitions.ts": `setInterval(() => {}, 1_000_000);\n${flightsDefinitions}` }))).toEqual(found);
  });

  it.each([
    ["throws", 'const a = 1;\nthrow new Error("no database today");', "definitions.ts threw: no database today (definitions.ts:2)"],
    ["throws what is no error", "throw 'no database today';", "definitions.ts threw: no database today"],
    ["does not parse", "const a = 1;\nconst = 2;", "definitions.ts:2:6 does not parse: Unexpected token"],
    ["imports a file that does not parse", 'import "./lib/unclosed.js";', "lib/unclosed.ts:1:18 does not parse: "],
    [
      "imports what is not installed",
      'import "left-padding/wide";',
      'definitions.ts imports "left-padding/wide", which is not installed; run npm install left-padding',
    ],
    [
      "imports a scoped package that is not installed",
      'import "@mlforge/store-tape";',
      'definitions.ts imports "@mlforge/store-tape", which is not installed; run npm install @mlforge/store-tape',
    ],
    [
      "imports a file that does not exist",
      'import "./flights.js";',
      'definitions.ts imports "./flights.js", which does not exist; check the path',
    ],
    ["imports a file that throws", 'import "./lib/broken.js";', "definitions.ts threw: inside (lib/broken.ts:3)"],
    [
      "exports no Definitions",
      "export const a = 1;",
      "definitions.ts exports no Definitions; add: export const defs = new Definitions({ ... })",
    ],
    [
      "exports two Definitions",
      `${imports}const make = (name) => new Definitions({ name, features: [], offlineStore: new LocalStore("s") });
       export const here = make("here"), there = make("there");`,
      "definitions.ts exports 2 different Definitions: here, there; export only one of them",
    ],
  ])("that %s ends with 2", async (_, text, told) => {
    const outcome = await listFeatures({
      "definitions.ts": text,
      "lib/broken.ts": '\n\n  throw new TypeError("inside");',
      "lib/unclosed.ts": "export const a = {",
    });
    expect(outcome.exitCode).toBe(2);
    expect(parseDocument(errorDocument, outcome.stdout).error).toEqual({
      code: "DEFINITIONS_NOT_LOADED",
      message: expect.stringContaining(told),
    });
    expect(outcome.stderr).toContain(told);
  });

  it("with a wrong definition ends with 2 and the place", async () => {
    const text = `${imports}\nexport const airport = entity({ name: "../airport", keys: [] });`;
    const outcome = await listFeatures({ "definitions.ts": text });
    expect(outcome.exitCode).toBe(2);
    const { code, message } = parseDocument(errorDocument, outcome.stdout).error;
    expect(code).toBe("DEFINITION_INVALID");
    expect(message).toContain('the name "../airport" is not allowed');
    expect(message).toContain("expected at least one key");
    expect(message).toContain(`(definitions.ts:${text.split("\n").length})`);
  });

  it("shows the whole error with MLFORGE_DEBUG=1", async () => {
    const { stderr } = await listFeatures({ "definitions.ts": 'throw new Error("no database today");' }, [], {
      env: { MLFORGE_DEBUG: "1" },
    });
    expect(stderr).toContain("[cause]: Error: no database today");
  });

  it("is compiled into node_modules/.cache and nowhere else", async () => {
    await using project = await Project.create({ "definitions.ts": flightsDefinitions });
    const temporary = join(project.path, "temporary");
    await project.write({ "temporary/keep": "" });
    await project.run(["list", "features"], { env: { TMPDIR: temporary } });
    expect((await readdir(project.path)).sort()).toEqual([".git", "definitions.ts", "node_modules", "temporary"]);
    expect(await readdir(temporary)).toEqual(["keep"]);
    expect(await readdir(join(project.path, "node_modules/.cache"))).toEqual(["mlforge"]);
  });
});
