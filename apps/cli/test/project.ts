import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandRunner, type Outcome } from "./command-runner.js";

export type { Outcome } from "./command-runner.js";

let runner: CommandRunner | undefined;

/** Lets the commands of a test file run in one process. Tests about what a process does by itself, such as ending, need one for each. */
export function shareProcess(): void {
  runner = new CommandRunner();
}

const require = createRequire(import.meta.url);
/** What is installed in a project, by name. */
const installed = {
  "@mlforge/core": require.resolve("@mlforge/core/package.json"),
  "@mlforge/engine-duckdb": require.resolve("@mlforge/engine-duckdb/package.json"),
  "@mlforge/format-parquet": require.resolve("@mlforge/format-parquet/package.json"),
  "@mlforge/source-postgres": require.resolve("@mlforge/source-postgres/package.json"),
  "@mlforge/store-local": require.resolve("@mlforge/store-local/package.json"),
  "@mlforge/store-s3": require.resolve("@mlforge/store-s3/package.json"),
};
const bin = fileURLToPath(new URL("../bin/mlforge.js", import.meta.url));

export interface RunOptions {
  /** A folder below the project's. */
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** A command that runs the real one, which follows its arguments. */
  readonly through?: readonly string[] | undefined;
}

/** What a process reads once, when it starts. */
const readAtStart = /^(TZ|LANG|LC_|NODE_)/;

/** A folder like a user's, in which the real command runs. */
export class Project implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** A project with these files, by their paths. The packages of the workspace are installed in it. */
  static async create(files: Readonly<Record<string, string>>): Promise<Project> {
    const project = new Project(await realpath(await mkdtemp(join(tmpdir(), "mlforge-cli-"))));
    await mkdir(join(project.path, "node_modules/@mlforge"), { recursive: true });
    for (const [name, manifest] of Object.entries(installed)) {
      await symlink(dirname(manifest), join(project.path, "node_modules", name), "junction");
    }
    // Searching for definitions ends here.
    await mkdir(join(project.path, ".git"));
    await mkdir(project.#temporary);
    await project.write(files);
    return project;
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.path, name)), { recursive: true });
      await writeFile(join(this.path, name), text);
    }
  }

  /** Starts the command as a process of its own. */
  start(args: readonly string[], { cwd = "", env = {}, through = [] }: RunOptions = {}): ChildProcessWithoutNullStreams {
    const [command, ...others] = [...through, process.execPath, bin, ...args];
    return spawn(command ?? "", others, { cwd: join(this.path, cwd), env: this.#environment(env) });
  }

  /** Runs the command, after {@link shareProcess} in the shared process, unless that runs a command already or cannot run this one. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const { cwd = "", env = {}, through } = options;
    const isAlone = through !== undefined || Object.keys(env).some((name) => readAtStart.test(name));
    if (isAlone || runner === undefined || runner.isBusy) return this.runAlone(args, options);
    return runner.run({ args, cwd: join(this.path, cwd), env: this.#environment(env) });
  }

  /** Runs the command as a process of its own. */
  runAlone(args: readonly string[], options?: RunOptions): Promise<Outcome> {
    return outcomeOf(this.start(args, options));
  }

  get #temporary(): string {
    return join(this.path, "node_modules/.tmp");
  }

  #environment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
    const { NO_COLOR, FORCE_COLOR, CI, ...inherited } = process.env;
    // Commands tell of what others left in the temporary folder.
    return { ...inherited, TMPDIR: this.#temporary, ...env };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

export function outcomeOf(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

/** Resolves when `text` has been written to the child's stderr. */
export function toldOnStderr(child: ChildProcessWithoutNullStreams, text: string): Promise<void> {
  let told = "";
  return new Promise((resolve, reject) => {
    child.stderr.on("data", (part) => {
      told += String(part);
      if (told.includes(text)) resolve();
    });
    child.on("close", () => reject(new Error(`the command ended without "${text}": ${told}`)));
  });
}
