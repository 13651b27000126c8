import type { Command } from "commander";
import type { BuildFlags } from "../commands/build.js";
import { addExamples } from "../examples.js";
import { addSharedOptions } from "../shared-flags.js";
import { addNames, parseCount } from "./arguments.js";
import { run } from "./run.js";

export function addBuild(program: Command): void {
  const command = program
    .command("build")
    .description("Build the features whose definition or data changed, and publish them as new versions.")
    .option("--features <names>", "only these, separated by commas", addNames)
    .option("--tags <tags>", "only features with one of these tags, separated by commas", addNames)
    .option("--version <X.Y.Z>", "publish under this number instead of the next one")
    .option("--force", "build a new patch version where nothing changed")
    .option("--fail-fast", "stop at the first feature that fails, instead of building the others")
    .option("--concurrency <count>", "how many features to compute at a time, instead of what the engine is best at", parseCount);
  addSharedOptions(command).action(async (flags: BuildFlags) => {
    const { build } = await import("../commands/build.js");
    await run(command, (context) => build(context, flags));
  });
  addExamples(command, [
    ["mlforge build", "what changed"],
    ["mlforge build --features airport_delay,route_delay", "two features"],
    ["mlforge build --tags daily --json", "by tag, for a script"],
  ]);
}
