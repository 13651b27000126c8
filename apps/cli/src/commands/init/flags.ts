import { type Command, Option } from "commander";
import { addExamples } from "../../help-layout.js";
import type { Host } from "../../host.js";
import { addSharedOptions, sharedFlags } from "../../shared-flags.js";
import { addNames } from "../arguments/flags.js";
import type { InitFlags } from "./run.js";

export function addInit(program: Command, { loadEngine }: Host): void {
  const command = program
    .command("init")
    .description("Create a project that type-checks and builds right away. Prompts when run without options on a terminal.")
    .argument("[name]", "name of the project and its folder")
    .addOption(new Option("--store <kind>", "where to keep features: in a folder, or in S3 in production").choices(["local", "s3"]))
    .option("--bucket <name>", "bucket for --store s3; defaults to the environment variable FEATURES_BUCKET")
    .option("--from <file>", "create a typed source for this Parquet, CSV, or NDJSON file instead of a data sample")
    .option("--keys <columns>", "key columns in that file, separated by commas", addNames)
    .option("--timestamp <column>", "column in that file that says when a row became known")
    .option("--install", "install the dependencies")
    .option("--no-install", "do not install the dependencies")
    .option("--yes", "accept all defaults without prompting");
  addSharedOptions(command).action(async (name: string | undefined, flags: InitFlags) => {
    const { init } = await import("./run.js");
    const { runAlone } = await import("../../run-alone.js");
    await runAlone(sharedFlags(command), (console, signal) => init(console, signal, loadEngine, name, flags));
  });
  addExamples(command, [
    ["mlforge init my-features", "start with sample orders and keep features in a folder"],
    ["mlforge init my-features --store s3 --bucket my-bucket", "keep features in S3 in production"],
    ["mlforge init my-features --from events.csv --keys user_id", "start from a CSV file"],
  ]);
}
