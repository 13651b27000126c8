import { resolve } from "node:path";
import { MlforgeError } from "@mlforge/spec";
import type { Console } from "../console.js";
import { install, packageManager } from "../init/install.js";
import type { ProjectChoice } from "../init/project.js";
import { projectFiles } from "../init/project-files.js";
import { checkProjectName } from "../init/project-name.js";
import { sampleData } from "../init/sample-data.js";
import { bucketProblem, type StoreKind } from "../init/store-choice.js";
import { expectFree, writeProject } from "../init/write-project.js";

export interface InitFlags {
  readonly store?: StoreKind | undefined;
  readonly bucket?: string | undefined;
  readonly from?: string | undefined;
  readonly keys?: readonly string[] | undefined;
  readonly timestamp?: string | undefined;
  readonly install?: boolean | undefined;
  readonly yes?: boolean | undefined;
}

/** Writes a new project into a folder of the working directory. */
export async function init(console: Console, signal: AbortSignal, name: string | undefined, flags: InitFlags): Promise<0 | 1> {
  if (name === undefined) throw usage("name", "give the project a name: mlforge init my-features");
  const choice = await projectChoice(name, flags);
  const folder = resolve(name);
  const files = projectFiles(choice);
  await writeProject(folder, files, signal);
  const installs = flags.install === true;
  const installed = installs && (await install(folder, signal));
  const paths = Object.keys(files);
  console.print({
    document: { path: folder, files: paths, installed },
    text: () => `Created ${name}:\n${paths.map((path) => `  ${path}`).join("\n")}\n\n${nextSteps(choice, installed)}`,
  });
  if (!installs || installed) return 0;
  console.note(`${console.colors.red("error:")} ${packageManager()} install failed; the project is complete, run it again in ${name}`);
  return 1;
}

async function projectChoice(given: string, { store = "local", bucket }: InitFlags): Promise<ProjectChoice> {
  const name = checkProjectName(given);
  if (bucket !== undefined) {
    if (store !== "s3") throw usage("--bucket", "a bucket is for features in S3; give --store s3 too");
    const problem = bucketProblem(bucket);
    if (problem !== undefined) throw usage("--bucket", `${JSON.stringify(bucket)} is no name of a bucket: ${problem}`);
  }
  await expectFree(resolve(name));
  return { name, store: { kind: store, bucket }, data: sampleData() };
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
