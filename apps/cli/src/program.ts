import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import type { DoctorFlags } from "./commands/doctor.js";
import type { ExplainFlags } from "./commands/explain.js";
import type { TrainingDataFlags } from "./commands/training-data.js";
import { addExamples } from "./examples.js";
import type { CommandBody } from "./run-command.js";
import { addSharedOptions, sharedFlags } from "./shared-flags.js";

/** The commands, their options and their help. What a command needs is loaded when it runs: help needs nothing but commander. */
export function createProgram(): Command {
  const program = new Command("mlforge")
    .description("Define, build, version and read ML features.")
    .version(packageVersion(), "-V, --version", "print the version of mlforge")
    // So that `build --version 2.0.0` is an option of build.
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError("See --help.");
  addSharedOptions(program);
  addBuild(program);
  addList(program);
  addInspect(program);
  addPreview(program);
  addTrainingData(program);
  addExplain(program);
  addValidate(program);
  addDoctor(program);
  addExamples(program, [
    ["mlforge build", "build what changed"],
    ["mlforge list features", "see what is defined"],
    ["mlforge preview airport_delay", "compute some rows, publish nothing"],
  ]);
  return program.addHelpText(
    "after",
    `
Definitions are searched from the working directory upwards: definitions.ts or src/definitions.ts.
Results go to stdout, everything else to stderr.
Exit codes: 0 all well, 1 something failed, 2 wrong usage or definitions, 130 interrupted.`,
  );
}

function addBuild(program: Command): void {
  const command = program
    .command("build")
    .description("Build the features whose definition or data changed, and publish them as new versions.")
    .option("--features <names>", "only these, separated by commas", addNames)
    .option("--tags <tags>", "only features with one of these tags, separated by commas", addNames)
    .option("--version <X.Y.Z>", "publish under this number instead of the next one")
    .option("--force", "build a new patch version where nothing changed");
  addSharedOptions(command).action(async (flags: { features?: string[]; tags?: string[]; version?: string; force?: boolean }) => {
    const { build } = await import("./commands/build.js");
    await run(command, (context) => build(context, flags));
  });
  addExamples(command, [
    ["mlforge build", "what changed"],
    ["mlforge build --features airport_delay,route_delay", "two features"],
    ["mlforge build --tags daily --json", "by tag, for a script"],
  ]);
}

function addList(program: Command): void {
  const list = program.command("list").description("List features, entities, sources, or the versions of a feature.");
  addSharedOptions(list);
  for (const what of ["features", "entities", "sources"] as const) {
    const command = list.command(what).description(`List the ${what} of the definitions.`);
    addSharedOptions(command).action(async () => {
      const commands = await import("./commands/list.js");
      await run(command, commands[what]);
    });
    addExamples(command, [
      [`mlforge list ${what}`, "as a table"],
      [`mlforge list ${what} --json`, "for a script"],
    ]);
  }
  const command = list.command("versions").description("List the published versions of a feature.").argument("<feature>", "its name");
  addSharedOptions(command).action(async (name: string) => {
    const { versions } = await import("./commands/list-versions.js");
    await run(command, (context) => versions(context, name));
  });
  addExamples(command, [
    ["mlforge list versions airport_delay", "as a table"],
    ["mlforge list versions airport_delay --json", "for a script"],
  ]);
  addExamples(list, [
    ["mlforge list features", "what is defined"],
    ["mlforge list versions airport_delay", "what was built"],
  ]);
}

function addInspect(program: Command): void {
  const inspect = program.command("inspect").description("Show everything about one feature, entity or source.");
  addSharedOptions(inspect);
  const command = inspect
    .command("feature")
    .description("Show a feature and one of its versions.")
    .argument("<name>", "its name")
    .option("--version <version>", "a version, a range such as ^1.0, or latest", "latest");
  addSharedOptions(command).action(async (name: string, { version }: { version: string }) => {
    const { inspectFeature } = await import("./commands/inspect-feature.js");
    await run(command, (context) => inspectFeature(context, name, version));
  });
  addExamples(command, [
    ["mlforge inspect feature airport_delay", "the latest version"],
    ["mlforge inspect feature airport_delay --version 1.0.0", "an older one"],
  ]);
  for (const what of ["entity", "source"] as const) {
    const command = inspect.command(what).description(`Show one ${what}.`).argument("<name>", "its name");
    addSharedOptions(command).action(async (name: string) => {
      const commands = await import("./commands/inspect.js");
      await run(command, (context) => commands[what](context, name));
    });
    const example = what === "entity" ? "airport" : "flights";
    addExamples(command, [
      [`mlforge inspect ${what} ${example}`, "for people"],
      [`mlforge inspect ${what} ${example} --json`, "for a script"],
    ]);
  }
  addExamples(inspect, [
    ["mlforge inspect feature airport_delay", "a feature and its latest version"],
    ["mlforge inspect source flights", "where data comes from"],
  ]);
}

function addPreview(program: Command): void {
  const command = program
    .command("preview")
    .description("Show some rows: computed from the definition now, or with --version read from what was published.")
    .argument("<feature>", "its name")
    .option("--rows <count>", "how many rows", parseRows, 5)
    .option("--version <version>", "a version, a range such as ^1.0, or latest");
  addSharedOptions(command).action(async (name: string, flags: { rows: number; version?: string }) => {
    const { preview } = await import("./commands/preview.js");
    await run(command, (context) => preview(context, name, flags));
  });
  addExamples(command, [
    ["mlforge preview airport_delay", "compute it now, publish nothing"],
    ["mlforge preview airport_delay --version latest --rows 20", "what was published"],
    ["mlforge preview airport_delay --json", "for a script"],
  ]);
}

function addValidate(program: Command): void {
  const command = program
    .command("validate")
    .description("Compute features, check their keys and run their validators, and publish nothing.")
    .option("--features <names>", "only these, separated by commas", addNames)
    .option("--tags <tags>", "only features with one of these tags, separated by commas", addNames);
  addSharedOptions(command).action(async (flags: { features?: string[]; tags?: string[] }) => {
    const { validate } = await import("./commands/validate.js");
    await run(command, (context) => validate(context, flags));
  });
  addExamples(command, [
    ["mlforge validate", "every feature"],
    ["mlforge validate --features airport_delay", "one feature"],
    ["mlforge validate --tags daily --json", "by tag, for a script"],
  ]);
}

function addTrainingData(program: Command): void {
  const command = program
    .command("training-data")
    .description("Join features to labels, each as it was known at the time of the label, and write the result.")
    .option("--labels <paths>", "files of labels: Parquet, CSV or NDJSON, separated by commas; globs are allowed", addNames)
    .option("--timestamp <column>", "the column that says when a label is to be predicted")
    .option("--features <names>", "features, each with a version or range if wanted: a,b@^1.0", addNames)
    .requiredOption("--out <path>", "the file to write: .parquet or .csv")
    .option("--lock <path>", "make it as this lock file says; where there is none yet, write one")
    .option("--no-exact-matches", "leave out what became known at the very moment of a label")
    .option("--verify", "first check every data file against its SHA-256");
  addSharedOptions(command).action(async (flags: TrainingDataFlags) => {
    const { trainingData } = await import("./commands/training-data.js");
    await run(command, (context) => trainingData(context, flags));
  });
  addExamples(command, [
    ["mlforge training-data --labels labels.parquet --timestamp at --features airport_delay --out train.parquet", "the latest versions"],
    ["mlforge training-data --lock features.lock --out train.parquet", "the same rows again"],
  ]);
}

function addExplain(program: Command): void {
  const command = program
    .command("explain")
    .description("Show what one label knows of features: the row that was chosen, since when it was known, and what came too late.")
    .requiredOption("--features <names>", "features, each with a version or range if wanted: a,b@^1.0", addNames)
    .option("--key <name=value>", "a key of the label; once for each key", addText)
    .option("--at <moment>", "the moment of the label: 2001-03-01T12:00:00Z")
    .option("--labels <paths>", "take the label from these files instead", addNames)
    .option("--row <number>", "which of them; 0 is the first", parseIndex)
    .option("--timestamp <column>", "their column that says when")
    .option("--no-exact-matches", "leave out what became known at the very moment of the label");
  addSharedOptions(command).action(async (flags: ExplainFlags) => {
    const { explain } = await import("./commands/explain.js");
    await run(command, (context) => explain(context, flags));
  });
  addExamples(command, [
    ["mlforge explain --features airport_delay --key origin=SEA --at 2001-03-01T12:00:00Z", "one moment"],
    ["mlforge explain --features airport_delay --labels labels.parquet --row 17 --timestamp at --json", "a label of a file"],
  ]);
}

function addDoctor(program: Command): void {
  const command = program
    .command("doctor")
    .description("Check whether what mlforge needs is there and permitted, and say what is missing.")
    .option("--store", "only what the present credentials may do in the offline store; it is tried, and nothing is left behind");
  addSharedOptions(command).action(async (flags: DoctorFlags) => {
    const { doctor } = await import("./commands/doctor.js");
    await run(command, (context) => doctor(context, flags));
  });
  addExamples(command, [
    ["mlforge doctor", "everything"],
    ["mlforge doctor --store --json", "the permissions in the store, for a script"],
  ]);
}

async function run(command: Command, body: CommandBody): Promise<void> {
  const { runCommand } = await import("./run-command.js");
  await runCommand(sharedFlags(command), body);
}

/** `a,b` and a repeated option both add names. */
function addNames(value: string, before: readonly string[] = []): string[] {
  const names = value.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError("Give names separated by commas, for example a,b.");
  return [...before, ...names];
}

function addText(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function parseIndex(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError("Give a number from 0.");
  return Number(value);
}

function parseRows(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError("Give a number from 1.");
  return Number(value);
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  throw new TypeError("package.json has no version");
}
