import { type Command, Option } from "commander";
import type { InitFlags } from "../commands/init.js";
import { addExamples } from "../examples.js";
import { addSharedOptions, sharedFlags } from "../shared-flags.js";
import { addNames } from "./arguments.js";

export function addInit(program: Command): void {
  const command = program
    .command("init")
    .description("Make a project in a new folder that type-checks and builds at once. Asks where called by hand without options.")
    .argument("[name]", "of the project and its folder")
    .addOption(new Option("--store <kind>", "where built features are kept: in a folder, or in production in S3").choices(["local", "s3"]))
    .option("--bucket <name>", "the bucket for --store s3, instead of a variable of the environment")
    .option("--from <file>", "write a typed source for this Parquet file, instead of a sample")
    .option("--keys <columns>", "the columns of that file that features are about, separated by commas", addNames)
    .option("--timestamp <column>", "its column that says when a row became known")
    .option("--install", "install what the project needs")
    .option("--no-install", "only write files")
    .option("--yes", "ask nothing");
  addSharedOptions(command).action(async (name: string | undefined, flags: InitFlags) => {
    const { init } = await import("../commands/init.js");
    const { runAlone } = await import("../run-alone.js");
    await runAlone(sharedFlags(command), (console, signal) => init(console, signal, name, flags));
  });
  addExamples(command, [
    ["mlforge init my-features", "a small sample of orders, built into a folder"],
    ["mlforge init my-features --store s3 --bucket my-bucket", "features in S3 in production"],
    ["mlforge init my-features --from events.parquet --keys user_id", "a typed source for a file"],
  ]);
}
