import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildDocument, errorDocument, featureDocument, parseDocument, validateDocument } from "./documents.js";
import { flightsCsv, flightsProject, imports } from "./flights.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

/** Two features over the flights, the first with the given validators. */
function projectWith(validators: string): Readonly<Record<string, string>> {
  const definitions = `${imports}
import { check, inRange, isIn, notNull, rowCount, unique } from "@mlforge/core";
const flights = source({
  path: "data/flights.csv",
  columns: { date: t.timestamp(), origin: t.string(), destination: t.string(), delay: t.int64() },
  timestamp: "date",
});
export const delays = feature({ name: "delays", source: flights, keys: ["origin", "destination"], tags: ["checked"], validators: ${validators} });
export const routes = feature({
  name: "routes",
  source: flights,
  keys: ["origin", "destination"],
  transform: (rows) => rows.groupBy("origin", "destination").aggregate(() => ({ flights: count() })),
});
export const defs = new Definitions({
  name: "flights",
  features: [delays, routes],
  offlineStore: new LocalStore("./feature_store"),
  engine: new DuckDBEngine(),
});
`;
  return { ...flightsProject, "definitions.ts": definitions };
}

const mixed = `(row) => [
  notNull("delay"),
  inRange("delay", { min: 0, max: 10 }, { severity: "warn" }),
  isIn("destination", ["SFO", "LAX", "SEA"]),
  check("is early", row.delay.lt(5), { tolerate: 0.5 }),
]`;

describe("mlforge validate", () => {
  it("ends with 0 where rules pass or warn, shows each, and publishes nothing", async () => {
    await using project = await Project.create(projectWith(mixed));
    const { exitCode, stdout, stderr } = await project.run(["validate"]);
    expect(exitCode).toBe(0);
    expect(stdout.split("\n").map((line) => line.trim().split(/ {2,}/))).toEqual([
      ["FEATURE", "RULE", "SEVERITY", "ROWS", "FAILED", "ALLOWED", "RESULT"],
      ["delays", "notNull(delay)", "error", "6", "0", "0", "passed"],
      ["delays", "inRange(delay, 0, 10)", "warn", "6", "2", "0", "warning"],
      ["delays", expect.stringMatching(/^isIn\(destination, /), "error", "6", "0", "0", "passed"],
      ["delays", "is early", "error", "6", "3", "3", "passed"],
      ["routes", "no validators", "4"],
      [""],
      [expect.stringMatching(/^3 rules passed, 1 warned, 0 failed in \d+\.\d s$/)],
      [""],
    ]);
    expect(stderr).toContain("warning: delays: inRange(delay, 0, 10): 2 of 6 rows fail, such as (origin=SEA, destination=LAX, ");
    expect(stderr).toContain("delay=-3)");
    expect(await published(project)).toEqual([]);
  });

  it("ends with 1 where a rule fails, with its counts and rows in the document", async () => {
    await using project = await Project.create(projectWith('[unique("delay"), notNull("delay"), rowCount({ max: 5 })]'));
    await project.write({ "data/flights.csv": `${flightsCsv}2001-01-03 06:00:00,SEA,LAX,5\n2001-01-03 07:00:00,SEA,LAX,\n` });
    const { exitCode, stdout, stderr } = await project.run(["validate", "--json"]);
    expect(exitCode).toBe(1);
    const { validated, failed } = parseDocument(validateDocument, stdout);
    expect(failed).toEqual([]);
    expect(validated).toMatchObject([
      { feature: "delays", rows: 8, passed: false },
      { feature: "routes", rows: 4, passed: true, rules: [] },
    ]);
    expect(validated[0]?.rules).toMatchObject([
      { rule: "unique", column: "delay", failed: 2, passed: false, examples: [{ delay: "5" }, { delay: "5" }] },
      { name: "notNull(delay)", failed: 1, examples: [{ origin: "SEA", destination: "LAX", delay: null }] },
      { name: "rowCount(max 5)", failed: 3, examples: [] },
    ]);
    expect(stderr).toContain("error: delays: rowCount(max 5): 8 rows, which is out of bounds by 3\n");
  });

  it("ends with 1 where a feature cannot be computed, and validates the others", async () => {
    await using project = await Project.create(projectWith("[]"));
    await project.write({ "data/flights.csv": `${flightsCsv}2001-01-03 06:00:00,SEA,,1\n` });
    const { exitCode, stdout, stderr } = await project.run(["validate"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^delays +KEY_VIOLATION$/m);
    expect(stdout).toMatch(/^0 rules passed, 0 warned, 0 failed, 2 features not computed in /m);
    expect(stderr).toContain("[KEY_VIOLATION]");
  });

  it("validates what --features and --tags choose", async () => {
    await using project = await Project.create(projectWith("[]"));
    for (const [args, names] of [
      [["--features", "routes"], ["routes"]],
      [["--tags", "checked"], ["delays"]],
    ] as const) {
      const { exitCode, stdout } = await project.run(["validate", ...args, "--json"]);
      expect(exitCode).toBe(0);
      expect(parseDocument(validateDocument, stdout).validated.map(({ feature }) => feature)).toEqual(names);
    }
  });

  it.each([
    ["an unknown column", '[notNull("dely")]', [], "DEFINITION_INVALID", 'did you mean "delay"?'],
    ["an unknown feature", "[]", ["--features", "route"], "NAME_UNKNOWN", 'did you mean "routes"?'],
    ["features and tags", "[]", ["--features", "routes", "--tags", "checked"], "USAGE_INVALID", "pass either features or tags"],
  ])("ends with 2 for %s", async (_, validators, args, code, told) => {
    await using project = await Project.create(projectWith(validators));
    const { exitCode, stdout } = await project.run(["validate", ...args, "--json"]);
    expect(exitCode).toBe(2);
    expect(parseDocument(errorDocument, stdout).error).toEqual({ code, message: expect.stringContaining(told) });
  });
});

describe("mlforge build", () => {
  it("publishes nothing where a rule fails, and the others", async () => {
    await using project = await Project.create(projectWith('[notNull("delay"), inRange("delay", { min: 0, max: 100 })]'));
    const { exitCode, stdout, stderr } = await project.run(["build", "--json"]);
    expect(exitCode).toBe(1);
    const { built, failed } = parseDocument(buildDocument, stdout);
    expect(failed).toMatchObject([{ feature: "delays", error: { code: "VALIDATION_FAILED" } }]);
    expect(built.map(({ feature }) => feature)).toEqual(["routes"]);
    expect(stderr).toContain('feature "delays" breaks 1 of its 2 rules: inRange(delay, 0, 100): 1 of 6 rows fail');
    expect(await published(project)).toEqual(["routes"]);
  });

  it("tells what warns, and keeps every result in the metadata", async () => {
    await using project = await Project.create(projectWith(mixed));
    const { exitCode, stdout, stderr } = await project.run(["build", "--json"]);
    expect(exitCode).toBe(0);
    const { built } = parseDocument(buildDocument, stdout);
    expect(built[0]?.warnings).toMatchObject([{ name: "inRange(delay, 0, 10)", failed: 2 }]);
    expect(built[1]?.warnings).toEqual([]);
    expect(stderr).toContain("warning: delays: inRange(delay, 0, 10): 2 of 6 rows fail");
    expect((await project.run(["inspect", "feature", "delays"])).stdout).toMatch(/^rules +3 of 4 passed$/m);
    const inspected = await project.run(["inspect", "feature", "delays", "--json"]);
    expect(parseDocument(featureDocument, inspected.stdout).metadata).toMatchObject({
      validation: [
        { name: "notNull(delay)", passed: true },
        { name: "inRange(delay, 0, 10)", severity: "warn", failed: 2, passed: false },
        { rule: "isIn", passed: true },
        { name: "is early", tolerated: 3, failed: 3, passed: true },
      ],
    });
  });
});

/** The features of which the store has anything. Validation alone does not even make its folder. */
async function published(project: Project): Promise<readonly string[]> {
  const inProject = await readdir(project.path);
  if (!inProject.includes("feature_store")) return [];
  return (await readdir(join(project.path, "feature_store"))).filter((name) => !name.startsWith("."));
}
