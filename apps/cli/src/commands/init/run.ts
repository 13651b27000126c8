import { resolve } from "node:path";
import { MlforgeError } from "@mlforge/spec";
import type { Console } from "../../console.js";
import type { EngineLoader } from "../../engine-loader.js";
import type { DataSource } from "./data-source.js";
import { declarableColumns } from "./file-columns.js";
import { chooseKeys, chooseTimestamp, fileData } from "./file-data.js";
import { install, packageManager } from "./install.js";
import type { ProjectChoice } from "./project.js";
import { projectFiles } from "./project-files.js";
import { checkProjectName } from "./project-name.js";
import { sampleData } from "./sample-data.js";
import { bucketProblem, type StoreChoice, type StoreKind } from "./store-choice.js";
import { expectFree, writeProject } from "./write-project.js";

export interface InitFlags {
  readonly store?: StoreKind | undefined;
  readonly bucket?: string | undefined;
  readonly from?: string | undefined;
  readonly keys?: readonly string[] | undefined;
  readonly timestamp?: string | undefined;
  readonly install?: boolean | undefined;
  readonly yes?: boolean | undefined;
}

/** Creates a project in a new folder of the working directory. Prompts first when run without options on a terminal. */
export async function init(
  console: Console,
  signal: AbortSignal,
  loadEngine: EngineLoader,
  name: string | undefined,
  flags: InitFlags,
): Promise<number> {
  const createAs = (given: string | undefined, chosen: InitFlags): Promise<0 | 1> => create(console, signal, loadEngine, given, chosen);
  if (!asks(console, flags)) return createAs(name, flags);
  const { askForProject } = await import("./questions.js");
  if (name !== undefined) await expectFree(resolve(checkProjectName(name)));
  const answers = await askForProject(name, loadEngine, signal);
  if (answers !== undefined) return createAs(answers.name, answers);
  console.note("cancelled; nothing was written");
  return 130;
}

function asks({ json }: Console, { store, bucket, from, keys, timestamp, install: installs, yes }: InitFlags): boolean {
  const isToldNothing = [store, bucket, from, keys, timestamp, installs, yes].every((flag) => flag === undefined);
  return isToldNothing && !json && process.stdin.isTTY && process.stderr.isTTY;
}

async function create(
  console: Console,
  signal: AbortSignal,
  loadEngine: EngineLoader,
  given: string | undefined,
  flags: InitFlags,
): Promise<0 | 1> {
  if (given === undefined) throw usage("name", "a project needs a name: mlforge init my-features");
  const name = checkProjectName(given);
  const folder = resolve(name);
  await expectFree(folder);
  const choice: ProjectChoice = { name, store: storeChoice(flags), data: await dataSource(folder, flags, loadEngine, signal) };
  const files = projectFiles(choice);
  await writeProject(folder, files, signal);
  const paths = Object.keys(files);
  const installs = flags.install === true;
  const installed = installs && (await install(folder, signal));
  console.print({
    document: { path: folder, files: paths, installed },
    text: () => `Created ${name}:\n${paths.map((path) => `  ${path}`).join("\n")}\n\n${nextSteps(choice, installed)}`,
  });
  if (!installs || installed) return 0;
  console.note(`${console.colors.red("error:")} ${packageManager()} install failed; the project is complete, so run it again in ${name}`);
  return 1;
}

function storeChoice({ store = "local", bucket }: InitFlags): StoreChoice {
  if (bucket === undefined) return { kind: store };
  if (store !== "s3") throw usage("--bucket", "--bucket needs --store s3");
  const problem = bucketProblem(bucket);
  if (problem !== undefined) throw usage("--bucket", `${JSON.stringify(bucket)} is not a valid bucket name: ${problem}`);
  return { kind: store, bucket };
}

async function dataSource(
  folder: string,
  { from, keys, timestamp }: InitFlags,
  loadEngine: EngineLoader,
  signal: AbortSignal,
): Promise<DataSource> {
  if (from === undefined) {
    if (keys !== undefined) throw usage("--keys", "--keys needs --from, the file with these columns");
    if (timestamp !== undefined) throw usage("--timestamp", "--timestamp needs --from, the file with this column");
    return sampleData();
  }
  if (from.includes("://"))
    throw usage("--from", `${JSON.stringify(from)} is not a local file; download it and pass the path of the local copy`);
  const path = resolve(from);
  const found = await declarableColumns(path, loadEngine, signal);
  const choice = { path, keys: chooseKeys(keys, found), timestamp: chooseTimestamp(timestamp, found) };
  return fileData(choice, found, folder);
}

function nextSteps({ name, data: { features } }: ProjectChoice, installed: boolean): string {
  const [first] = features;
  const manager = packageManager();
  const run = { npm: "npx", pnpm: "pnpm", yarn: "yarn", bun: "bunx" }[manager];
  const steps = [
    `cd ${name}`,
    ...(installed ? [] : [`${manager} install`]),
    `${run} mlforge build`,
    `${run} mlforge preview ${first?.name} --version latest`,
  ];
  return `Next:\n${steps.map((step) => `  ${step}`).join("\n")}`;
}

function usage(argument: string, message: string): MlforgeError<"USAGE_INVALID"> {
  return new MlforgeError("USAGE_INVALID", message, { argument });
}
