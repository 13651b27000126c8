import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { doctorDocument } from "./documents/doctor.js";
import { parseDocument } from "./documents.js";
import { flightsProject } from "./flights.js";
import { Project, shareProcess } from "./project.js";

shareProcess();

/** A project whose store is of its own and finds this when it is told to try: the text of a function body. */
function projectWith(diagnose: string): Readonly<Record<string, string>> {
  const definitions = `import { Definitions } from "@mlforge/core";
import { LocalStore } from "@mlforge/store-local";

class CloudStore extends LocalStore {
  override readonly name = "cloud";
  override async diagnose() {
    ${diagnose}
  }
}

export const defs = new Definitions({ name: "cloudy", features: [], offlineStore: new CloudStore("./feature_store") });
`;
  return { "definitions.ts": definitions };
}

/** What was found, where it could be looked at. */
function seen<T extends object>(found: T | undefined): Exclude<T, { readonly error: unknown }> {
  if (found === undefined || "error" in found) throw new Error(`it was not looked at: ${JSON.stringify(found)}`);
  return found as Exclude<T, { readonly error: unknown }>;
}

const limited = `return [
  { action: "cloud:Put", outcome: "allowed", neededFor: ["build"], message: "an object was put" },
  { action: "cloud:Get", outcome: "denied", neededFor: ["build", "training", "serving"], message: "403 AccessDenied" },
  { action: "cloud:List", outcome: "unknown", neededFor: ["training"], message: "404, which may be either" },
  { action: "cloud:Tag", outcome: "denied", neededFor: [], message: "403 AccessDenied" },
];`;

describe("mlforge doctor --store", () => {
  it("ends with 0 where everything is allowed, as a table and a line for each job, and leaves nothing behind", async () => {
    await using project = await Project.create(flightsProject);
    const { exitCode, stdout, stderr } = await project.run(["doctor", "--store"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout.split("\n").map((line) => line.trim().split(/ {2,}/))).toEqual([
      ["ACTION", "OUTCOME", "NEEDED FOR", "DETAILS"],
      ["write", "allowed", "build", `wrote a file to ${project.path}`],
      ["write if absent", "allowed", "build", "when two writers create a file, the second is refused"],
      ["read", "allowed", "build, training, serving", "read the file"],
      ["delete", "allowed", "build", "deleted the file"],
      [""],
      ["build: allowed"],
      ["training: allowed"],
      ["serving: allowed"],
      [""],
    ]);
    expect((await readdir(project.path)).sort()).toEqual([".git", "data", "definitions.ts", "node_modules"]);
  });

  it("ends with 1 where the store may not write", async () => {
    await using project = await Project.create({ ...flightsProject, feature_store: "a file where the folder should be" });
    const { exitCode, stdout, stderr } = await project.run(["doctor", "--store", "--json"]);
    expect(exitCode).toBe(1);
    const { store } = parseDocument(doctorDocument, stdout);
    const message = `${join(project.path, "feature_store")} is a file; a store needs a folder: choose another path, or remove the file`;
    expect(store).toMatchObject({ name: "local", passed: false });
    expect(seen(store).checks[0]).toEqual({ action: "write", outcome: "denied", needed_for: ["build"], message });
    expect(stderr).toContain("error: store local: denied: write, read; unknown: write if absent, delete; grant the");
  });

  it("says which action each job lacks", async () => {
    await using project = await Project.create(projectWith(limited));
    const { exitCode, stdout, stderr } = await project.run(["doctor", "--store"]);
    expect(exitCode).toBe(1);
    expect(stdout.split("\n").map((line) => line.trim().split(/ {2,}/))).toEqual([
      ["ACTION", "OUTCOME", "NEEDED FOR", "DETAILS"],
      ["cloud:Put", "allowed", "build", "an object was put"],
      ["cloud:Get", "denied", "build, training, serving", "403 AccessDenied"],
      ["cloud:List", "unknown", "training", "404, which may be either"],
      ["cloud:Tag", "denied", "no job", "403 AccessDenied"],
      [""],
      ["build: needs cloud:Get"],
      ["training: needs cloud:Get, cloud:List"],
      ["serving: needs cloud:Get"],
      [""],
    ]);
    expect(stderr).toBe(
      "error: store cloud: denied: cloud:Get; unknown: cloud:List; grant the permissions that your jobs need and try again\n",
    );
  });

  it("prints the same as one document", async () => {
    await using project = await Project.create(projectWith(limited));
    const { exitCode, stdout } = await project.run(["doctor", "--json"]);
    expect(exitCode).toBe(1);
    const { store } = parseDocument(doctorDocument, stdout);
    expect(seen(store).name).toBe("cloud");
    expect(seen(store).jobs).toEqual([
      { job: "build", outcome: "denied", missing_permissions: ["cloud:Get"] },
      { job: "training", outcome: "denied", missing_permissions: ["cloud:Get", "cloud:List"] },
      { job: "serving", outcome: "denied", missing_permissions: ["cloud:Get"] },
    ]);
    expect(seen(store).checks.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      "cloud:Put allowed",
      "cloud:Get denied",
      "cloud:List unknown",
      "cloud:Tag denied",
    ]);
  });

  it("ends with 1 where an action is unknown, and with 0 where only what no job needs is denied", async () => {
    await using project = await Project.create(
      projectWith('return [{ action: "cloud:Get", outcome: "unknown", neededFor: ["training"], message: "404" }];'),
    );
    const unknown = await project.run(["doctor", "--store"]);
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stdout).toMatch(
      /\n\nbuild: unknown, nothing was tested for it\ntraining: unknown, needs cloud:Get\nserving: unknown, nothing was tested for it\n$/,
    );
    await project.write(projectWith('return [{ action: "cloud:Tag", outcome: "denied", neededFor: [], message: "403" }];'));
    expect(await project.run(["doctor", "--store"])).toMatchObject({ exitCode: 0, stderr: "" });
  });

  it("says that a store has nothing to try", async () => {
    const definitions = `${projectWith("return [];")["definitions.ts"]}\ndefs.offlineStore.diagnose = undefined;`;
    await using project = await Project.create({ "definitions.ts": definitions });
    expect(await project.run(["doctor", "--store"])).toEqual({ exitCode: 0, stdout: "store cloud: nothing to test\n", stderr: "" });
    const { store } = parseDocument(doctorDocument, (await project.run(["doctor", "--json"])).stdout);
    expect(store).toMatchObject({ name: "cloud", passed: true, checks: [] });
  });

  it("tells what kept the store from trying", async () => {
    await using project = await Project.create(projectWith('throw new Error("the network is down");'));
    const { exitCode, stdout, stderr } = await project.run(["doctor", "--json"]);
    expect(exitCode).toBe(1);
    const { node, engine, store } = parseDocument(doctorDocument, stdout);
    expect(node?.passed).toBe(true);
    expect(engine).toMatchObject({ passed: true });
    expect(store).toEqual({ error: { code: "UNEXPECTED", message: "the network is down" } });
    expect(stderr).toContain("error: store: the network is down [UNEXPECTED]\n");
    expect((await project.run(["doctor", "--store"])).stdout).toBe("store: could not be checked\n");
  });

  it.each([
    ["FORCE_COLOR", { FORCE_COLOR: "1" }, true],
    ["NO_COLOR", { FORCE_COLOR: "1", NO_COLOR: "1" }, false],
  ])("colours the error, not the result, for %s", async (_, env, isColored) => {
    await using project = await Project.create(projectWith(limited));
    const { stdout, stderr } = await project.run(["doctor"], { env });
    expect(stderr.includes("\u001b[")).toBe(isColored);
    expect(stdout).not.toContain("\u001b");
  });
});

describe("mlforge doctor", () => {
  /** The flights, with a change to the definitions. */
  const changed = (from: string, to: string): Readonly<Record<string, string>> => {
    const definitions = flightsProject["definitions.ts"] ?? "";
    if (!definitions.includes(from)) throw new Error(`no ${from} in the definitions`);
    return { ...flightsProject, "definitions.ts": definitions.replace(from, to) };
  };

  it("looks at everything, and says in a line each how it is", async () => {
    await using project = await Project.create(flightsProject);
    const { exitCode, stdout, stderr } = await project.run(["doctor"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines.slice(0, 5)).toEqual([
      expect.stringMatching(
        `^node: ${process.versions.node.replaceAll(".", "\\.")} on ${process.platform} ${process.arch}, [\\d.]+ [GT]B of memory$`,
      ),
      expect.stringMatching(/^engine: duckdb v?\d+\.\d+\.\d+.*, the test query succeeded$/),
      "clock: in sync with the local store",
      "",
      expect.stringMatching(/^ACTION +OUTCOME/),
    ]);
    expect(lines.slice(-4)).toEqual(["build: allowed", "training: allowed", "serving: allowed", ""]);
    expect((await readdir(project.path)).sort()).toEqual([".git", "data", "definitions.ts", "node_modules"]);
  });

  it("prints the same as one document, of which flags choose parts", async () => {
    await using project = await Project.create(flightsProject);
    const { node, engine, clock, store } = parseDocument(doctorDocument, (await project.run(["doctor", "--json"])).stdout);
    expect(node).toMatchObject({ version: process.versions.node, needed: "20.20.0", passed: true });
    expect(engine).toMatchObject({ name: "duckdb", passed: true });
    expect(clock).toMatchObject({ store: "local", passed: true });
    expect(Math.abs(seen(clock).skew ?? Number.NaN)).toBeLessThan(5);
    expect(store).toMatchObject({ name: "local", passed: true });
    const chosen: unknown = JSON.parse((await project.run(["doctor", "--json", "--clock", "--engine"])).stdout);
    expect(Object.keys(Object(chosen))).toEqual(["engine", "clock"]);
  });

  it.each([
    [6, "ahead of"],
    [-6, "behind"],
  ])("ends with 1 where the clock is %i minutes off", async (minutes, which) => {
    await using project = await Project.create(
      changed("engine: new DuckDBEngine(),", `now: () => new Date(Date.now() + ${minutes * 60_000}),`),
    );
    const { exitCode, stderr } = await project.run(["doctor"]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      new RegExp(`^error: the clock is wrong: 3[56]\\d(\\.\\d+)? seconds ${which} the local store; set the clock of this machine\\n$`),
    );
  });

  it("ends with 0 where the clock is four minutes off", async () => {
    await using project = await Project.create(changed("engine: new DuckDBEngine(),", "now: () => new Date(Date.now() + 240_000),"));
    expect(await project.run(["doctor", "--clock"])).toMatchObject({ exitCode: 0, stderr: "" });
  });

  it("ends with 1 where the engine does not run, and with 0 where there is none", async () => {
    const broken = "Object.assign(new DuckDBEngine(), { async *run() { throw new Error('no such library'); } })";
    await using project = await Project.create(changed("new DuckDBEngine()", broken));
    const { exitCode, stdout, stderr } = await project.run(["doctor", "--engine"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^engine: duckdb \S+, does not work\n$/);
    expect(stderr).toBe("error: engine duckdb: the test query failed: no such library; correct the options of the engine\n");
    await project.write(changed("engine: new DuckDBEngine(),", ""));
    expect(await project.run(["doctor", "--engine"])).toEqual({
      exitCode: 0,
      stdout: "engine: the definitions have no engine; only functions over batches can be built\n",
      stderr: "",
    });
  });

  it.each([
    ["20.9.0", 1],
    ["18.20.8", 1],
    ["20.20.0", 0],
    ["100.0.0", 0],
  ])("on Node %s ends with %i", async (version, exit) => {
    const other = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });\nexport const defs`;
    await using project = await Project.create(changed("export const defs", other));
    const { exitCode, stderr } = await project.run(["doctor", "--node"]);
    expect(exitCode).toBe(exit);
    expect(stderr).toBe(
      exit === 0 ? "" : `error: Node ${version} is too old: mlforge needs 20.20.0 or newer. Install a newer version of Node\n`,
    );
  });
});
