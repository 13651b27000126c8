import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorDocument, parseDocument } from "./documents.js";
import { Project } from "./project.js";

let project: Project;
beforeAll(async () => {
  project = await Project.create({});
});
afterAll(() => project[Symbol.asyncDispose]());

describe("mlforge without definitions", () => {
  const commands = [
    [],
    ["init"],
    ["build"],
    ["list"],
    ["list", "features"],
    ["list", "entities"],
    ["list", "sources"],
    ["list", "versions"],
    ["inspect"],
    ["inspect", "feature"],
    ["inspect", "entity"],
    ["inspect", "source"],
    ["preview"],
    ["validate"],
    ["training-data"],
    ["explain"],
    ["types"],
    ["log"],
    ["rollback"],
    ["release"],
    ["prune"],
    ["verify"],
    ["manifest"],
    ["doctor"],
    ["completion"],
  ];
  it.each(commands.map((command) => [command.join(" "), command]))("shows help with examples for %j", async (_, command) => {
    const { exitCode, stdout, stderr } = await project.run([...command, "--help"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`^Usage: ${["mlforge", ...command].join(" ")} `));
    expect(stdout).toMatch(/Examples:\n( {2}mlforge .+ # .+\n){2,3}|Examples:\n( {2}# .+\n {2}mlforge )/);
  });

  it.each([
    [["help"], ["--help"]],
    [
      ["help", "build"],
      ["build", "--help"],
    ],
    [
      ["help", "list", "versions"],
      ["list", "versions", "--help"],
    ],
    [
      ["list", "help", "versions"],
      ["list", "versions", "--help"],
    ],
  ])("shows the same for %j as for %j", async (topic, flag) => {
    expect(await project.run(topic)).toEqual(await project.run(flag));
  });

  it.each(["-V", "--version"])("prints its version for %s", async (flag) => {
    const manifest: unknown = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
    const { version } = v.parse(v.object({ version: v.string() }), manifest);
    expect(await project.run([flag])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("loads nothing but commander for help", async () => {
    const coverage = await mkdtemp(join(tmpdir(), "mlforge-coverage-"));
    try {
      await project.run(["--help"], { env: { NODE_V8_COVERAGE: coverage } });
      const report: unknown = JSON.parse(await readFile(join(coverage, String((await readdir(coverage))[0])), "utf8"));
      const { result } = v.parse(v.object({ result: v.array(v.object({ url: v.string() })) }), report);
      const loaded = result.map(({ url }) => url).filter((url) => url.startsWith("file:"));
      const own = loaded.filter((url) => !url.includes("/node_modules/commander/")).map((url) => url.replace(/^.*\/apps\/cli\//, ""));
      expect(loaded.length).toBeGreaterThan(own.length);
      const others = own.filter((path) => !/^dist\/commands\/[a-z-]+\/flags\.js$/.test(path));
      const wanted = ["called-from", "help-layout", "main", "program", "shared-flags"].map((name) => `dist/${name}.js`);
      expect(others.sort()).toEqual(["bin/mlforge.js", ...wanted]);
    } finally {
      await rm(coverage, { recursive: true });
    }
  });

  it.each([
    ["a misspelt command", ["biuld"], "Did you mean build?"],
    ["a misspelt option", ["build", "--verison", "1.0.0"], "Did you mean --version?"],
    ["a misspelt list", ["list", "feautres"], "Did you mean features?"],
    ["a misspelt topic of help", ["help", "biuld"], "Did you mean build?"],
    ["a misspelt topic of the help of list", ["list", "help", "feautres"], "Did you mean features?"],
    ["a misspelt topic below a topic", ["help", "list", "feautres"], "Did you mean features?"],
    ["a topic below a command without any", ["help", "build", "all"], "build has no subcommands"],
    ["the help of a misspelt command", ["biuld", "--help"], "Did you mean build?"],
    ["the help of a misspelt list", ["list", "feautres", "--help"], "Did you mean features?"],
    ["no name of a feature to list versions of", ["list", "versions"], "missing required argument 'feature'"],
    ["one argument too many", ["preview", "a", "b"], "too many arguments"],
    ["a number of rows that is none", ["preview", "a", "--rows", "many"], "Expected a whole number of at least 1."],
    ["an empty name", ["build", "--features", "a,,b"], "Expected names separated by commas"],
    ["no command", [], "Usage: mlforge"],
  ])("ends with 2 for %s", async (_, args, told) => {
    const { exitCode, stdout, stderr } = await project.run(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(told);
  });

  it.each([[["biuld", "--json"]], [["--json"]], [["list", "versions", "--json"]]])("prints wrong usage as JSON for %j", async (args) => {
    const { exitCode, stdout } = await project.run(args);
    expect(exitCode).toBe(2);
    expect(parseDocument(errorDocument, stdout).error.code).toBe("USAGE_INVALID");
  });
});
