import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describeWith } from "@mlforge/test-servers";
import { lexer, type Token, type Tokens } from "marked";
import { describe, expect, it } from "vitest";
import { planDocument } from "./documents/plan.js";
import { buildDocument, errorDocument, parseDocument } from "./documents.js";
import { definitionsOf, flightsCsv, flightsDefinitions, flightsProject } from "./flights.js";
import { Project, shareProcess } from "./project.js";
import { openS3Project } from "./s3-project.js";

shareProcess();

/** Removes a column of one feature and adds another. */
const renamed = (definitions: string): string => definitions.replace("flights: count(), total_delay", "departures: count(), total_delay");
/** Adds a column to the other one. */
const widened = (definitions: string): string =>
  definitions.replace("({ total_delay: delay.sum() })", "({ total_delay: delay.sum(), worst: delay.max() })");

async function builtProject(): Promise<Project> {
  const project = await Project.create(flightsProject);
  expect((await project.run(["build"])).exitCode).toBe(0);
  return project;
}

describe("mlforge plan", () => {
  it("shows what a build then does, and leaves nothing behind", async () => {
    await using project = await Project.create(flightsProject);
    const { exitCode, stdout, stderr } = await project.run(["plan", "--json"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const { features } = parseDocument(planDocument, stdout);
    const bytes = (await stat(join(project.path, "data/flights.csv"))).size;
    expect(features).toMatchObject(
      ["airport_total", "route_total"].map((feature) => ({
        feature,
        action: "build",
        now: null,
        next: "1.0.0",
        change: "initial",
        reason: "first_build",
        why: "first build",
        source: { changed: null, files: 1, queries: 0, bytes },
        held: false,
        latest: true,
      })),
    );
    expect((await readdir(project.path)).sort()).toEqual([".git", "data", "definitions.ts", "node_modules"]);
    await project.run(["build"]);
    const after = parseDocument(planDocument, (await project.run(["plan", "--json"])).stdout);
    expect(after.features.map(({ action }) => action)).toEqual(["skip", "skip"]);
  });

  it("prints a table, the details, and what to do next", async () => {
    await using project = await builtProject();
    await project.write({ "definitions.ts": renamed(widened(flightsDefinitions)) });
    const { exitCode, stdout, stderr } = await project.run(["plan"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toBe(`FEATURE        NOW    NEXT   CHANGE  WHY              READS
airport_total  1.0.0  2.0.0  major   columns removed  213 B
route_total    1.0.0  1.1.0  minor   columns added    213 B

airport_total 1.0.0 to 2.0.0
  columns and keys
    - flights     int64
    + departures  int64
  logic
        delay: int64
      aggregate by origin
    -   flights: count()
    +   departures: count()
        total_delay: sum(delay)

route_total 1.0.0 to 1.1.0
  columns and keys
    + worst  int64
  logic
      aggregate by origin, destination
        total_delay: sum(delay)
    +   worst: max(delay)

2 to build, 0 unchanged, 0 failed; to apply: mlforge build
`);
    const chosen = await project.run(["plan", "--tags", "daily", "--force"]);
    expect(chosen.stdout.trimEnd().split("\n").at(-1)).toBe(
      "1 to build, 0 unchanged, 0 failed; to apply: mlforge build --tags daily --force",
    );
    await project.run(["build"]);
    const nothing = await project.run(["plan"]);
    expect(nothing.stdout.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["FEATURE", "NOW", "NEXT", "CHANGE", "WHY", "READS"],
      ["airport_total", "2.0.0", "none", "nothing changed"],
      ["route_total", "1.1.0", "none", "nothing changed"],
      [""],
      ["0 to build, 2 unchanged, 0 failed; nothing to build"],
      [""],
    ]);
  });

  it("ends with 3 for a major change where it is to check, and only there", async () => {
    await using project = await builtProject();
    await project.write({ "definitions.ts": widened(flightsDefinitions) });
    expect((await project.run(["plan", "--check"])).exitCode).toBe(0);
    await project.write({ "definitions.ts": renamed(flightsDefinitions) });
    expect((await project.run(["plan"])).exitCode).toBe(0);
    const { exitCode, stderr } = await project.run(["plan", "--check", "--json"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: "major: airport_total; code that reads it may break\n" });
    expect((await project.run(["plan", "--check", "--features", "route_total"])).exitCode).toBe(0);
  });

  it("ends with 1 where a feature cannot be planned, and shows the others", async () => {
    await using project = await Project.create({
      "definitions.ts": flightsDefinitions.replace(
        'transform: (rows) => rows.groupBy("origin", "destination")',
        'source: source({ path: "nowhere.csv", columns: { origin: t.string(), destination: t.string(), delay: t.int64() } }),\n  timestamp: null,\n  transform: (rows) => rows.groupBy("origin", "destination")',
      ),
      "data/flights.csv": flightsCsv,
    });
    const { exitCode, stdout, stderr } = await project.run(["plan", "--json", "--check"]);
    expect(exitCode).toBe(1);
    expect(parseDocument(planDocument, stdout).features).toMatchObject([
      { feature: "airport_total", action: "build" },
      { feature: "route_total", action: "fail", error: { code: "SOURCE_NOT_FOUND" } },
    ]);
    expect(stderr).toMatch(/^error: route_total: source "nowhere" has no file at ".*nowhere.csv"/);
    expect((await project.run(["plan"])).stdout).toContain("1 to build, 0 unchanged, 1 failed; to apply: mlforge build");
  });

  it("ends with 2 for wrong usage", async () => {
    await using project = await Project.create(flightsProject);
    for (const args of [["--version", "1"], ["--features", "nope"], ["--bogus"], ["--markdown", "--json"]]) {
      const { exitCode, stdout } = await project.run(["plan", ...args]);
      expect([args, exitCode]).toEqual([args, 2]);
      if (args.includes("--json")) expect(parseDocument(errorDocument, stdout).error.code).toBe("USAGE_INVALID");
    }
  });

  it("colours what is there for a terminal, and nothing with --no-color", async () => {
    await using project = await builtProject();
    await project.write({ "definitions.ts": renamed(flightsDefinitions) });
    const env = { FORCE_COLOR: "1" };
    const { stdout } = await project.run(["plan"], { env });
    expect(stdout).toContain("\u001b[32m+ departures  int64\u001b[39m");
    expect(stdout).toContain("\u001b[31mmajor\u001b[39m");
    const plain = await project.run(["plan", "--no-color"], { env });
    expect(plain.stdout).not.toContain("\u001b");
    expect(plain.stdout).toBe(stripVTControlCharacters(stdout));
  });
});

/** All tokens of a page, those inside of others after them. */
function tokensIn(tokens: readonly Token[]): readonly Token[] {
  return tokens.flatMap((token) => {
    const inner = "tokens" in token ? (token.tokens ?? []) : [];
    const table = token.type === "table" ? tableCells(token) : [];
    return [token, ...tokensIn([...inner, ...table.flatMap((cell) => cell.tokens)])];
  });
}

function tableCells(token: Token): readonly Tokens.TableCell[] {
  return isTable(token) ? [...token.header, ...token.rows.flat()] : [];
}

function isTable(token: Token): token is Tokens.Table {
  return token.type === "table" && "rows" in token;
}

describe("mlforge plan --markdown", () => {
  it("is a table, folded details with diffs, and nothing else", async () => {
    await using project = await builtProject();
    await project.write({ "definitions.ts": renamed(flightsDefinitions) });
    const { exitCode, stdout } = await project.run(["plan", "--markdown", "--check"]);
    expect(exitCode).toBe(3);
    const tokens = lexer(stdout).filter(({ type }) => type !== "space");
    expect(tokens.map(({ type }) => type)).toEqual(["heading", "table", "paragraph", "html", "code", "code", "html"]);
    const table = tokens.find(isTable);
    expect(table?.rows.map((row) => row.map(({ text }) => text))).toEqual([
      ["`airport_total`", "1.0.0", "2.0.0", "**major**", "columns removed", "213 B"],
      ["`route_total`", "1.0.0", "", "none", "nothing changed", ""],
    ]);
    const blocks = tokens.filter(({ type }) => type === "code");
    expect(blocks.map((block) => ("lang" in block ? block.lang : undefined))).toEqual(["diff", "diff"]);
    expect(blocks.map((block) => ("text" in block ? block.text : undefined))).toEqual([
      "- flights     int64\n+ departures  int64",
      "    delay: int64\n  aggregate by origin\n-   flights: count()\n+   departures: count()\n    total_delay: sum(delay)",
    ]);
  });

  it("lets nothing from outside become markup, a mention or an end of its block", async () => {
    const bad = "`</details>``` ```\\n# x | @all <script>alert(1)</script> [a](http://b) #1";
    const transform = `(rows) => rows.groupBy("origin").aggregate(({ delay }) => ({ ["${bad}"]: delay.sum() }))`;
    await using project = await Project.create({ "definitions.ts": definitionsOf("odd", transform), "data/flights.csv": flightsCsv });
    await project.run(["build"]);
    const other = definitionsOf("odd", transform.replace("delay.sum()", 'delay.max(), "\\u001b[31m|": delay.sum()')).replace(
      "feature({",
      `feature({ tags: ["@all|<b>"], description: "${bad}",`,
    );
    const lost = other
      .replace(
        "export const defs",
        'const lost = feature({ name: "lost", source: source({ path: "@all/``` <b> | *.csv", columns: { a: t.string() } }), keys: ["a"] });\nexport const defs',
      )
      .replace("[only]", "[only, lost]");
    await project.write({ "definitions.ts": lost });
    const { exitCode, stdout, stderr } = await project.run(["plan", "--markdown"]);
    expect([stderr, exitCode]).toEqual([expect.stringContaining("lost"), 1]);
    expect(stdout).not.toContain("\u001b");
    const tokens = lexer(stdout).filter(({ type }) => type !== "space");
    expect(tokens.map(({ type }) => type)).toEqual([
      "heading",
      "table",
      "paragraph",
      "html",
      "code",
      "code",
      "code",
      "html",
      "html",
      "code",
      "html",
    ]);
    expect(tokens.find(isTable)?.rows.map((row) => row.length)).toEqual([6, 6]);
    const all = tokensIn(tokens);
    expect(all.filter(({ type }) => type === "link" || type === "image" || type === "del" || type === "em")).toEqual([]);
    expect(all.flatMap((token) => (token.type === "html" ? [token.raw.trim()] : []))).toEqual([
      "<details><summary>odd 1.0.0 to 1.1.0</summary>",
      "</details>",
      "<details><summary>lost: cannot be planned</summary>",
      "</details>",
    ]);
    const outside = all
      .filter(({ type }) => type === "text" || type === "paragraph" || type === "strong")
      .map(({ raw }) => raw)
      .join("");
    expect(outside).not.toMatch(/@all|script|#1/);
    const code = all.flatMap((token) => (token.type === "code" && "text" in token ? [String(token.text)] : [])).join("\n");
    expect(code).toContain("@all <script>alert(1)</script> [a](http://b) #1");
  });
});

describeWith("moto", "mlforge plan with a store in S3", () => {
  it("plans what the build does", async () => {
    await using inS3 = await openS3Project();
    expect((await inS3.run(["build"])).exitCode).toBe(0);
    await inS3.define(renamed);
    const { exitCode, stdout } = await inS3.run(["plan", "--check", "--json"]);
    expect(exitCode).toBe(3);
    const { features } = parseDocument(planDocument, stdout);
    const { built, skipped } = parseDocument(buildDocument, (await inS3.run(["build", "--json"])).stdout);
    expect(features).toMatchObject([
      { action: "build", next: built[0]?.version, change: built[0]?.change, why: built[0]?.reason },
      { action: "skip", next: skipped[0]?.version, why: "nothing changed" },
    ]);
    expect(built[0]?.version).toBe("2.0.0");
  });
});
