import { execFile, spawnSync } from "node:child_process";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { flightsProject } from "./flights.js";
import { Project, shareProcess } from "./project.js";
import { Terminal } from "./terminal.js";

shareProcess();

const run = promisify(execFile);
const bin = fileURLToPath(new URL("../bin/mlforge.js", import.meta.url));

/** The values that complete the last of the words. */
async function completed(project: Project, words: readonly string[], cwd?: string): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await project.run(["complete", "--", ...words], { cwd });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split("\t")[0] ?? "");
}

describe("mlforge complete", () => {
  it.each<[readonly string[], readonly string[]]>([
    [["bu"], ["build"]],
    [["--json", "bu"], ["build"]],
    [["--definitions", "definitions.ts", "bu"], ["build"]],
    [["list", "v"], ["versions"]],
    [["build", "--feat"], ["--features"]],
    [["list", "--js"], ["--json"]],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [
      ["init", "--store", ""],
      ["local", "s3"],
    ],
    [["init", "--store=l"], ["--store=local"]],
    [
      ["init", "--store", "="],
      ["local", "s3"],
    ],
    [["init", "--store", "=", "s"], ["s3"]],
    [["training-data", "--out", ""], []],
    [["preview", "one", ""], []],
    [["biuld", ""], []],
    [["build", "--unknown", "--vers"], ["--version"]],
    [["build", "--", "--vers"], []],
  ])("gives for %j %j", async (words, values) => {
    await using project = await Project.create({});
    expect(await completed(project, words)).toEqual(values);
  });

  it("gives every command, and itself to nobody", async () => {
    await using project = await Project.create({});
    const found = await completed(project, [""]);
    const { stdout } = await project.run(["--help"]);
    const listed = [...stdout.matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(([, name]) => name);
    expect([...found].sort()).toEqual(listed.filter((name) => name !== "mlforge").sort());
    expect(found).not.toContain("complete");
  });

  it("gives the names of what the definitions have, from below them too", async () => {
    await using project = await Project.create(flightsProject);
    await mkdir(join(project.path, "deep"));
    expect(await completed(project, ["preview", ""], "deep")).toEqual(["airport_total", "route_total"]);
    expect(await completed(project, ["inspect", "feature", "air"])).toEqual(["airport_total"]);
    expect(await completed(project, ["inspect", "entity", ""])).toEqual(["airport"]);
    expect(await completed(project, ["build", "--features", "airport_total,"])).toEqual(["airport_total,route_total"]);
    expect(await completed(project, ["build", "--features=r"])).toEqual(["--features=route_total"]);
    expect(await completed(project, ["build", "--tags", ""])).toEqual(["airport", "daily"]);
    expect(await completed(project, ["types", "--sources", ""])).toEqual(["flights"]);
  });

  it("gives the names of profiles, none of which but the chosen one is evaluated", async () => {
    await using project = await Project.create({});
    await project.run(["init", "shop", "--store", "s3"]);
    expect(await completed(project, ["build", "--profile", ""], "shop")).toEqual(["local", "prod"]);
    expect(await completed(project, ["build", "--profile", "local", "--features", ""], "shop")).toEqual([
      "customer_spend",
      "customer_totals",
    ]);
    expect(await completed(project, ["build", "--profile", "prod", "--features", ""], "shop")).toEqual([]);
  });

  it("takes the definitions that the line names", async () => {
    await using project = await Project.create({
      ...flightsProject,
      "definitions.ts": "",
      "other.ts": flightsProject["definitions.ts"] ?? "",
    });
    expect(await completed(project, ["preview", ""])).toEqual([]);
    for (const given of [["--definitions", "other.ts"], ["--definitions=other.ts"]]) {
      expect(await completed(project, [...given, "preview", ""])).not.toEqual([]);
    }
  });

  it.each([
    ["are not there", undefined],
    ["do not load", "export const broken = ;"],
    ["throw", 'throw new Error("no");'],
    ["print and export nothing", 'console.log("a"); console.error("b"); process.stdout.write("c");'],
    ["keep the process alive", "setInterval(() => {}, 1000); export {};"],
  ])("prints nothing where definitions %s", async (_, text) => {
    await using project = await Project.create(text === undefined ? {} : { "definitions.ts": text });
    expect(await completed(project, ["build", "--features", ""])).toEqual([]);
  });
});

/** A project whose own command is the real one, and a path whose `mlforge` prints the arguments it is run with. */
async function shellProject(): Promise<{ readonly project: Project; readonly env: Readonly<Record<string, string>> }> {
  const project = await Project.create(flightsProject);
  await mkdir(join(project.path, "node_modules/.bin"), { recursive: true });
  await symlink(bin, join(project.path, "node_modules/.bin/mlforge"));
  await mkdir(join(project.path, "path"));
  await writeFile(join(project.path, "path/mlforge"), '#!/bin/sh\nprintf "RAN"\nprintf " <%s>" "$@"\nprintf "\\n"\n');
  await chmod(join(project.path, "path/mlforge"), 0o755);
  await project.write({ "deep folder/only-file.txt": "" });
  for (const shell of ["bash", "zsh", "fish"])
    await project.write({ [`completion.${shell}`]: (await project.run(["completion", shell])).stdout });
  return { project, env: { PATH: `${join(project.path, "path")}:${process.env.PATH}`, HOME: project.path } };
}

/** Whether a shell is installed; tests of one that is not are shown as skipped. */
function has(shell: string): boolean {
  return process.platform === "linux" && spawnSync(shell, ["-c", "exit 0"]).status === 0;
}

/** What a line editor sends when it begins to take keys. */
const ready = "\x1b[?2004h";

const typed: readonly [keys: string, ran: string][] = [
  ["mlforge bui\t", "RAN <build>"],
  ["mlforge list vers\t", "RAN <list> <versions>"],
  ["mlforge build --fea\t", "RAN <build> <--features>"],
  ["mlforge init --store=s\t", "RAN <init> <--store=s3>"],
  ["mlforge preview airport_tota\t", "RAN <preview> <airport_total>"],
  ["mlforge build --features 'only$(touch ran)\t'", "RAN <build> <--features> <only$(touch ran)>"],
  ["mlforge training-data --out only-f\t", "RAN <training-data> <--out> <only-file.txt>"],
];

describe("mlforge completion", () => {
  it.runIf(has("bash"))("gives bash a function that answers for COMP_WORDS", async () => {
    const { project, env } = await shellProject();
    await using _ = project;
    const ask = async (...words: readonly string[]): Promise<string> => {
      const line = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); __mlforge_complete; printf "%s;" "\${COMPREPLY[@]}"`;
      return (await run("bash", ["-c", line, "bash", join(project.path, "completion.bash"), ...words], { cwd: project.path, env })).stdout;
    };
    expect(await ask("mlforge", "bu")).toBe("build;");
    expect(await ask("mlforge", "completion", "")).toBe("bash;zsh;fish;");
    expect(await ask("mlforge", "init", "--store", "=", "l")).toBe("local;");
    expect(await ask("mlforge", "build", "--features", "$(touch ran)")).toBe(";");
  });

  for (const [shell, start] of [
    ["bash", "exec bash --norc --noprofile -i"],
    ["zsh", "exec zsh -f -i"],
  ] as const) {
    it.runIf(has(shell))(`lets ${shell} complete what is typed`, async () => {
      const { project, env } = await shellProject();
      await using _ = project;
      const terminal = new Terminal(project, [], start, env);
      const prepare = shell === "zsh" ? "autoload -Uz compinit; compinit -u; " : "";
      await terminal.answer(ready, `${prepare}source ./completion.${shell}; cd "deep folder"\r`);
      for (const [keys, ran] of typed) {
        await terminal.answer(ready, `${keys}\r`);
        await terminal.answer(`${ran}\r\n`, "");
      }
      await terminal.answer(ready, "ls -a; exit\r");
      const { shown } = await terminal.end();
      expect(shown).not.toMatch(/^ran\b/m);
    });
  }

  it.runIf(has("fish"))("lets fish complete what is typed", async () => {
    const { project, env } = await shellProject();
    await using _ = project;
    const ask = async (line: string): Promise<readonly string[]> => {
      const script = `source ../completion.fish; complete -C ${JSON.stringify(line)}`;
      const { stdout } = await run("fish", ["--no-config", "-c", script], { cwd: join(project.path, "deep folder"), env });
      return stdout.trim().split("\n");
    };
    expect(await ask("mlforge bui")).toEqual(["build\tBuild the features whose definition or data changed, and publish new versions."]);
    expect(await ask("mlforge init --store=s")).toEqual(["--store=s3"]);
    expect(await ask("mlforge preview air")).toEqual(["airport_total"]);
    expect(await ask("mlforge completion ")).toEqual(["bash", "fish", "zsh"]);
    expect(await ask("mlforge training-data --out only-f")).toEqual(["only-file.txt"]);
  });
});
