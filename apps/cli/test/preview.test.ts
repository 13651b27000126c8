import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorDocument, parseDocument, previewDocument } from "./documents.js";
import { definitionsOf, flightsCsv, flightsProject } from "./flights.js";
import { Project, shareProcess } from "./project.js";
import { Terminal } from "./terminal.js";

shareProcess();

/** One row of every kind, at its edges. */
const everyKind = `sql({
  query: \`SELECT 'a' AS origin, 9223372036854775807::BIGINT AS huge, 9007199254740991::BIGINT AS safe, 'NaN'::DOUBLE AS nan, '-Infinity'::DOUBLE AS minus,
    1.5::FLOAT AS half, 7::INTEGER AS small, true AS yes, NULL::VARCHAR AS missing, -12.340::DECIMAL(18,3) AS price, '\\\\x00\\\\xFF'::BLOB AS raw,
    TIMESTAMPTZ '1969-12-31 23:59:59.999999+00' AS micros, TIMESTAMPTZ '2001-01-01 00:00:00+00' AS whole, DATE '0987-06-05' AS day\`,
  columns: {
    origin: t.string(), huge: t.int64(), safe: t.int64(), nan: t.float64(), minus: t.float64(), half: t.float32(), small: t.int32(), yes: t.boolean(),
    missing: t.string(), price: t.decimal(18, 3), raw: t.bytes(), micros: t.timestamp(), whole: t.timestamp(), day: t.date(),
  },
})`;

/** Both features are built. */
let built: Project;
beforeAll(async () => {
  built = await Project.create(flightsProject);
  await built.run(["build"]);
});
afterAll(() => built[Symbol.asyncDispose]());

describe("mlforge preview", () => {
  it("computes the definition and publishes nothing", async () => {
    await using project = await Project.create(flightsProject);
    const { exitCode, stdout, stderr } = await project.run(["preview", "airport_total", "--json"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "computed from the definition of airport_total, not published\n" });
    const { feature, version, columns, rows } = parseDocument(previewDocument, stdout);
    expect({ feature, version }).toEqual({ feature: "airport_total", version: null });
    expect(columns.map(({ name, kind }) => [name, kind])).toEqual([
      ["origin", "string"],
      ["flights", "int64"],
      ["total_delay", "int64"],
    ]);
    expect(rows.sort((a, b) => String(a.origin).localeCompare(String(b.origin)))).toEqual([
      { origin: "SEA", flights: 3, total_delay: 22 },
      { origin: "SFO", flights: 3, total_delay: 11 },
    ]);
    expect(await readdir(project.path)).not.toContain("feature_store");
  });

  it("reads what was published, though the definition has changed since", async () => {
    await using project = await Project.create(flightsProject);
    await project.run(["build"]);
    await project.write({ "data/flights.csv": flightsCsv.replaceAll("SEA", "OAK") });
    for (const version of ["1.0.0", "latest", "^1.0"]) {
      const { stdout, stderr } = await project.run(["preview", "airport_total", "--version", version]);
      expect(stdout).toBe("origin  flights  total_delay\nSEA           3           22\nSFO           3           11\n");
      expect(stderr).toBe("read from the published version airport_total 1.0.0\n");
    }
    expect((await project.run(["preview", "airport_total"])).stdout).toContain("OAK");
  });

  it.each([
    ["1", [], 1],
    ["1000", [], 4],
    ["3", ["--version", "latest"], 3],
    ["1000", ["--version", "latest"], 4],
  ])("shows at most --rows %s rows with %j", async (asked, args, shown) => {
    const { stdout } = await built.run(["preview", "route_total", "--rows", asked, "--json", ...args]);
    expect(parseDocument(previewDocument, stdout).rows).toHaveLength(shown);
  });

  it("prints every kind of value as JSON without losing anything", async () => {
    await using project = await Project.create({ "definitions.ts": definitionsOf("kinds", everyKind), "data/flights.csv": flightsCsv });
    await project.run(["build"]);
    for (const args of [[], ["--version", "latest"]]) {
      const { stdout } = await project.run(["preview", "kinds", "--json", ...args]);
      expect(parseDocument(previewDocument, stdout).rows).toEqual([
        {
          origin: "a",
          huge: "9223372036854775807",
          safe: 9007199254740991,
          nan: "NaN",
          minus: "-Infinity",
          half: 1.5,
          small: 7,
          yes: true,
          missing: null,
          price: "-12.340",
          raw: "AP8=",
          micros: "1969-12-31T23:59:59.999999Z",
          whole: "2001-01-01T00:00:00Z",
          day: "0987-06-05",
        },
      ]);
    }
  });

  it("shows long names whole on a terminal of 80 columns", async () => {
    const names = Array.from({ length: 8 }, (_, at) => `user_spend_total_${at + 1}d`);
    const transform = `sql({
      query: "SELECT 'a' AS origin, ${names.map((name, at) => `${at}::BIGINT AS ${name}`).join(", ")}",
      columns: { origin: t.string(), ${names.map((name) => `${name}: t.int64()`).join(", ")} },
    })`;
    await using project = await Project.create({ "definitions.ts": definitionsOf("wide", transform), "data/flights.csv": flightsCsv });
    const { shown } = await new Terminal(project, ["preview", "wide"], undefined, { WIDTH: "80" }).end();
    const lines = ["-- row 1 --", "origin               a", ...names.map((name, at) => `${name}  ${at}`)];
    expect(shown.replaceAll("\r", "")).toContain(`\n${lines.join("\n")}\n`);
  });

  it("shows control characters as escapes", async () => {
    const transform = "sql({ query: `SELECT 'a' || chr(27) || '[2J' || chr(10) || 'b' AS origin`, columns: { origin: t.string() } })";
    await using project = await Project.create({ "definitions.ts": definitionsOf("tricky", transform), "data/flights.csv": flightsCsv });
    expect((await project.run(["preview", "tricky"])).stdout).toBe("origin\na\\u001b[2J\\u000ab\n");
  });

  it.each([
    ["an unknown feature", ["airport_totals"], 2, "NAME_UNKNOWN"],
    ["a version that does not exist", ["airport_total", "--version", "9.0.0"], 1, "VERSION_NOT_FOUND"],
    ["a version that is none", ["airport_total", "--version", "1..0"], 2, "VERSION_INVALID"],
  ])("fails for %s", async (_, args, exitCode, code) => {
    const outcome = await built.run(["preview", ...args, "--json"]);
    expect(outcome.exitCode).toBe(exitCode);
    expect(parseDocument(errorDocument, outcome.stdout).error.code).toBe(code);
  });
});
